/** Time zones by their IANA names, and what a clock there shows. */

export const zoneHere = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Every zone that this browser knows, those of `wanted` too, which it may know by another name. */
export const allZones = (...wanted: string[]) => [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', ...wanted])].sort();

/** `America/Sao_Paulo` as people write it. */
export const zoneLabel = (zone: string) => zone.replaceAll('_', ' ').replaceAll('/', ' / ');

const plain = (text: string) =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[_/\s]+/g, ' ')
    .trim();

/** Whether what somebody has typed, with or without accents and strokes, is in the zone's name. */
export const zoneMatches = (zone: string, typed: string) => plain(zone).includes(plain(typed));

/** What a clock in the zone shows at an instant, as a `datetime-local` field has it: `2026-11-20T09:00`. */
export function wallTime(instant: string | Date, zone: string): string {
  const options = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  const clock = new Intl.DateTimeFormat('en-US', { ...options, timeZone: zone, hourCycle: 'h23', calendar: 'gregory' });
  const part = Object.fromEntries(clock.formatToParts(new Date(instant)).map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`;
}

/** Whether a time has an offset of its own; one without is what a clock somewhere shows. */
export const isInstant = (time: string) => /(Z|[+-]\d\d:\d\d)$/.test(time);

/** A time, an instant or not, as a clock in the zone shows it. */
export const shownIn = (time: string | null, zone: string) => (time && isInstant(time) ? wallTime(time, zone) : (time ?? ''));
