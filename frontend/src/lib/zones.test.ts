import { describe, expect, it } from 'vitest';
import { allZones, isInstant, shownIn, wallTime, zoneMatches } from './zones';

describe('time zones', () => {
  it('show what a clock there shows, before and after it is put forward', () => {
    expect(wallTime('2026-03-08T06:59:00Z', 'America/New_York')).toBe('2026-03-08T01:59');
    expect(wallTime('2026-03-08T07:00:00Z', 'America/New_York')).toBe('2026-03-08T03:00');
    expect(wallTime('2026-03-08T05:00:00Z', 'America/Bogota')).toBe('2026-03-08T00:00');
    expect(wallTime('2026-06-30T18:15:00Z', 'Asia/Kathmandu')).toBe('2026-07-01T00:00');
  });

  it('leave alone what a clock shows already', () => {
    expect(shownIn('2026-03-08T02:30', 'America/New_York')).toBe('2026-03-08T02:30');
    expect(shownIn('2026-07-01T13:00:00Z', 'America/New_York')).toBe('2026-07-01T09:00');
    expect(shownIn(null, 'UTC')).toBe('');
    expect(['2026-07-01T13:00:00Z', '2026-07-01T13:00:00+00:00', '2026-07-01T13:00'].map(isInstant)).toEqual([true, true, false]);
  });

  it('are found by how people write them', () => {
    expect(allZones('Mars/Base')).toEqual(expect.arrayContaining(['America/Bogota', 'UTC', 'Mars/Base']));
    expect(['bogotá', 'sao paulo', 'America / S', 'lima'].map((typed) => zoneMatches('America/Sao_Paulo', typed))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(zoneMatches('America/Bogota', 'Bogotá')).toBe(true);
  });
});
