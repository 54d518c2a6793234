import { expect, it } from 'vitest';
import { topReasons } from './top-reasons';

const reason = (name: string, count: number) => ({ reason: name, count, until: null });

it('takes the reasons of most people, whether they wait or get nothing, and counts the others', () => {
  const waiting = [reason('contact_gap', 1), reason('contact_hours', 9)];
  const refused = [reason('disputed', 5), reason('opted_out', 2)];
  expect(topReasons({ waiting, refused }, 2)).toEqual({ waiting: [waiting[1]], refused: [refused[0]], total: 17, others: 3 });
});

it('has none where nobody is held back', () =>
  expect(topReasons({ waiting: [], refused: [] }, 3)).toEqual({ waiting: [], refused: [], total: 0, others: 0 }));
