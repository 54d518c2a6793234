import { expect, it } from 'vitest';
import { isWaiting } from './waiting';

const now = new Date('2026-11-20T10:00:00Z');

it('tells what is held back from what is due or has left', () => {
  expect(isWaiting({ state: 'queued', due_at: '2026-11-20T11:00:00Z' }, now)).toBe(true);
  expect(isWaiting({ state: 'planned', due_at: '2026-11-20T11:00:00Z' }, now)).toBe(true);
  expect(isWaiting({ state: 'queued', due_at: '2026-11-20T09:00:00Z' }, now)).toBe(false);
  expect(isWaiting({ state: 'read', due_at: '2026-11-20T11:00:00Z' }, now)).toBe(false);
});
