import { describe, expect, it } from 'vitest';
import { countdown } from './countdown';

const seen = Date.parse('2026-01-01T00:00:00Z');
const expiry = '2026-01-01T00:00:20Z';

describe('the countdown of a QR code', () => {
  it('begins full', () => expect(countdown(expiry, seen, seen)).toEqual({ seconds: 20, share: 100 }));
  it('rounds the last moment up', () => expect(countdown(expiry, seen, seen + 19_400).seconds).toBe(1));
  it('ends at zero and stays there', () => expect(countdown(expiry, seen, seen + 60_000)).toEqual({ seconds: 0, share: 0 }));
  it('is over at once for a code that came too late', () => expect(countdown(expiry, seen + 25_000, seen + 25_000).seconds).toBe(0));
});
