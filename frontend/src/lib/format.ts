/** Numbers and instants as the reader's language writes them. */

export function formatNumber(value: number, language: string): string {
  return new Intl.NumberFormat(language).format(value);
}

/** A size in bytes, in kilobytes or megabytes. */
export function formatSize(bytes: number, language: string): string {
  const [unit, size] = bytes < 1_048_576 ? (['kilobyte', 1024] as const) : (['megabyte', 1_048_576] as const);
  return new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: 1 }).format(bytes / size);
}

/** `part` of `whole` in whole percent; 0 of nothing is 0. */
export function percent(part: number, whole: number): number {
  return whole > 0 ? Math.round((part / whole) * 100) : 0;
}

export function formatInstant(instant: string | null, language: string): string {
  if (!instant) return '—';
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant));
}

/** An instant on the clock of a zone, whose name is told. */
export function formatInstantIn(instant: string, zone: string, language: string): string {
  const on = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone });
  return `${on.format(new Date(instant))} (${zone.replaceAll('_', ' ')})`;
}

/** What a clock shows (`2026-11-20T09:00`), not moved by the reader's time zone. */
export function formatWallTime(shown: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(`${shown}Z`));
}

/** The time of day in a zone, with its distance from Greenwich. */
export function formatClock(at: number, zone: string, language: string): string {
  const options = { weekday: 'short', hour: '2-digit', minute: '2-digit', timeZoneName: 'shortOffset' } as const;
  return new Intl.DateTimeFormat(language, { ...options, timeZone: zone }).format(at);
}

export function formatHour(instant: string, language: string): string {
  return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(new Date(instant));
}

/** A date without a time of day (`YYYY-MM-DD`), not moved by the reader's time zone. */
export function formatDate(date: string | null, language: string): string {
  if (!date) return '—';
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`));
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** How long ago, or how soon, in the largest unit that fits. */
export function formatRelative(instant: string, now: number, language: string): string {
  const seconds = Math.round((new Date(instant).getTime() - now) / 1000);
  const [unit, size] = steps.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(Math.trunc(seconds / size), unit);
}

/** How the countries that we mostly write to group their mobile numbers. */
const phoneGroups = [/^(57|52|58)(\d{3})(\d{3})(\d{4})$/, /^(55)(\d{2})(\d{4,5})(\d{4})$/, /^(51|56|34)(\d{3})(\d{3})(\d{3})$/];

/** `573001112233` and `+573001112233` as `+57 300 111 2233`; leaves what it does not know in one piece. */
export function formatPhone(phone: string): string {
  const digits = phone.replace(/\D/g, '');
  const parts = phoneGroups.map((groups) => groups.exec(digits)).find((match) => match !== null);
  return parts ? `+${parts.slice(1).join(' ')}` : `+${digits}`;
}

/** The value of one of a debtor's further fields. */
export function formatField(name: string, value: string): string {
  return name === 'second_phone' ? formatPhone(value) : value;
}
