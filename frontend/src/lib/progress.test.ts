import { describe, expect, it } from 'vitest';
import type { MessageCounts } from '@/api/types';
import { progressOf, sharesOf } from './progress';

const none: MessageCounts = {
  planned: 0,
  queued: 0,
  sending: 0,
  sent: 0,
  delivered: 0,
  read: 0,
  failed: 0,
  suppressed: 0,
  uncertain: 0,
  cancelled: 0,
  total: 0,
};

describe('progress', () => {
  it('is nothing for a draft', () => expect(progressOf(none)).toEqual({ total: 0, settled: 0, left: 0, percent: 0 }));

  it('counts failures as settled, but not as sent', () => {
    expect(progressOf({ ...none, read: 3, failed: 1, planned: 4, total: 8 })).toEqual({ total: 8, settled: 4, left: 3, percent: 50 });
  });

  it('says 100 only when nothing is open', () => {
    expect(progressOf({ ...none, read: 9999, sending: 1, total: 10_000 }).percent).toBe(99);
    expect(progressOf({ ...none, read: 9999, failed: 1, total: 10_000 }).percent).toBe(100);
  });

  it('shares the whole among the states that hold messages', () => {
    const shares = sharesOf({ ...none, read: 1, planned: 3, total: 4 });
    expect(shares).toEqual([
      { state: 'read', count: 1, share: 25 },
      { state: 'planned', count: 3, share: 75 },
    ]);
  });
});
