import { describe, expect, it } from 'vitest';
import { apart } from './shares';
import { perMinute, sample, secondsLeft, type Sample } from './throughput';

const series = (...points: [number, number][]) => points.reduce<Sample[]>((all, [at, left]) => sample(all, at, left), []);

describe('throughput', () => {
  it('is unknown at first', () => expect(perMinute(series([0, 0], [5000, 9]))).toBeNull());
  it('looks at the last minute', () => expect(perMinute(series([0, 0], [60_000, 600], [120_000, 630]))).toBe(30));
  it('says how long the rest takes', () => expect(secondsLeft(series([0, 0], [30_000, 30]), 120)).toBe(120));
  it('promises nothing while nothing moves', () => expect(secondsLeft(series([0, 5], [30_000, 5]), 120)).toBeNull());
  it('joins samples of the same second, and forgets old ones', () => {
    expect(series([0, 0], [400, 3])).toEqual([{ at: 0, left: 3 }]);
    expect(series([0, 0], [16 * 60_000, 3])).toEqual([{ at: 16 * 60_000, left: 3 }]);
  });
});

describe('a number’s share', () => {
  it('has each message once', () =>
    expect(apart({ sent: 10, delivered: 7, read: 4, failed: 1 })).toEqual({ sent: 3, delivered: 3, read: 4, failed: 1 }));
});
