import { describe, expect, it } from 'vitest';
import { perMinute, sample, secondsLeft, type Sample } from './throughput';

const second = 1000;

describe('throughput', () => {
  it('joins samples that are closer than a second, with the newer count', () => {
    expect(sample([{ at: 0, left: 1 }], 400, 3)).toEqual([{ at: 0, left: 3 }]);
  });

  it('forgets what is older than a quarter of an hour', () => {
    expect(sample([{ at: 0, left: 1 }], 16 * 60 * second, 9)).toEqual([{ at: 16 * 60 * second, left: 9 }]);
  });

  it('does not guess a speed from less than ten seconds', () => {
    expect(perMinute([])).toBeNull();
    expect(perMinute(grown(0, 9, 9))).toBeNull();
  });

  it('measures the last minute only', () => {
    const slowThenFast: Sample[] = [
      { at: 0, left: 0 },
      { at: 120 * second, left: 2 },
      { at: 180 * second, left: 32 },
    ];
    expect(perMinute(slowThenFast)).toBe(30);
  });

  it('tells how long the rest takes, and nothing while nothing moves', () => {
    expect(secondsLeft(grown(0, 30, 15), 60)).toBe(120);
    expect(secondsLeft(grown(4, 30, 4), 60)).toBeNull();
  });
});

/** Two samples that are `seconds` apart. */
function grown(from: number, seconds: number, to: number): Sample[] {
  return [
    { at: 0, left: from },
    { at: seconds * second, left: to },
  ];
}
