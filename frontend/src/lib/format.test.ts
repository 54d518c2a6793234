import { describe, expect, it } from 'vitest';
import { formatDate, formatField, formatNumber, formatPhone, formatRelative, percent } from './format';

describe('formats', () => {
  it('writes numbers as the language does', () => {
    expect(formatNumber(12345, 'en')).toBe('12,345');
    expect(formatNumber(12345, 'pt')).toBe('12.345');
  });

  it('groups the phones it knows, and leaves the others in one piece', () => {
    expect(formatPhone('573001112233')).toBe('+57 300 111 2233');
    expect(formatPhone('+5511987654321')).toBe('+55 11 98765 4321');
    expect(formatPhone('+4915112345678')).toBe('+4915112345678');
  });

  it('writes a second phone as the first, and other fields as they are', () => {
    expect(formatField('second_phone', '+576011234567')).toBe('+57 601 123 4567');
    expect(formatField('contract', '573001112233')).toBe('573001112233');
  });

  it('does not move a date by the time zone', () => expect(formatDate('2026-01-01', 'en')).toBe('Jan 1, 2026'));

  it('shows a dash where there is no date', () => expect(formatDate(null, 'es')).toBe('—'));

  it('tells how long ago in the largest unit that fits', () => {
    const now = Date.parse('2026-01-02T12:00:00Z');
    expect(formatRelative('2026-01-02T11:57:10Z', now, 'en')).toBe('2 minutes ago');
    expect(formatRelative('2026-01-01T11:00:00Z', now, 'en')).toBe('yesterday');
  });

  it('takes no share of nothing', () => expect([percent(1, 0), percent(1, 3)]).toEqual([0, 33]));
});
