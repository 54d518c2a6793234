import { expect, it } from 'vitest';
import type { Caps } from '@/api/types';
import { leftToday, usedUp } from './caps';

const none: Caps = { per_minute: null, per_hour: null, per_day: null, new_chats_per_day: null, warm_up: null };
const number = (caps: Partial<Caps>, sent: number, chats = 0) => ({
  caps: { ...none, ...caps },
  sent_today: sent,
  new_chats_today: chats,
});

it('finds the caps of a day that a number has reached', () => {
  expect(usedUp(number({ per_day: 200, new_chats_per_day: 30 }, 200, 29))).toEqual([{ kind: 'sent', used: 200, cap: 200 }]);
  expect(usedUp(number({ per_day: 200, new_chats_per_day: 30 }, 199, 31))).toEqual([{ kind: 'chats', used: 31, cap: 30 }]);
  expect(usedUp(number({}, 5000, 5000))).toEqual([]);
});

it('says what a number may still send only where its cap of a day is all that holds', () => {
  expect(leftToday(number({ per_day: 200 }, 180))).toBe(20);
  expect(leftToday(number({ per_day: 200 }, 230))).toBe(0);
  expect(leftToday(number({}, 180))).toBeNull();
  expect(leftToday(number({ per_day: 200, new_chats_per_day: 30 }, 180, 30)), 'its new chats are used up').toBeNull();
  const warm_up = { since: '2026-11-01T12:00:00Z', first_day: 20, growth_percent: 30 };
  expect(leftToday(number({ per_day: 200, warm_up }, 180)), 'how far it has warmed up is not told').toBeNull();
});
