import { expect, it } from 'vitest';
import { closedUntil } from './own-hours';

const zone = 'America/Bogota';
const weekdays = { days: [1, 2, 3, 4, 5], from: '08:00', until: '12:00' };
const afternoons = { days: [1, 3], from: '14:00', until: '24:00' };
/** A Friday in Bogotá, five hours behind. */
const friday = (time: string) => new Date(`2026-11-20T${time}:00-05:00`);

it.each([
  ['before they begin', friday('07:59'), '2026-11-20T08:00'],
  ['from when they begin', friday('08:00'), null],
  ['just before they end', friday('11:59'), null],
  ['from when they end', friday('12:00'), '2026-11-23T08:00'],
  ['between those of one day', new Date('2026-11-23T13:00:00-05:00'), '2026-11-23T14:00'],
  ['up to midnight', new Date('2026-11-23T23:59:00-05:00'), null],
])('knows them on the clock of the plan %s', (_, now, until) =>
  expect(closedUntil({ hours: [afternoons, weekdays], time_zone: zone }, now)).toBe(until),
);

it('waits a week where the only hours have just ended', () =>
  expect(closedUntil({ hours: [{ days: [5], from: '08:00', until: '12:00' }], time_zone: zone }, friday('12:00'))).toBe(
    '2026-11-27T08:00',
  ));

it('is never closed without hours', () => expect(closedUntil({ hours: [], time_zone: zone }, friday('03:00'))).toBeNull());
