import { expect, it } from 'vitest';
import { choiceOf, choices, decide, decideAll, decided, decisionFor, updates } from './duplicates';
import { commitPlan, detectedSettings } from './mapping';

it('is one of three choices', () => {
  expect(choices.map((choice) => choiceOf(decisionFor(choice)))).toEqual(choices);
});

it('changes nobody of whom nothing was decided, where a person is asked', () => {
  const asked = decisionFor('ask');
  expect(updates(asked, 7)).toBe(false);
  const one = decide(asked, 7, true);
  expect([updates(one, 7), updates(one, 8)]).toEqual([true, false]);
  expect(decide(one, 7, true).except_rows).toEqual([7]);
  expect(decide(one, 7, false)).toEqual(asked);
});

it('decides for all, and then for some otherwise', () => {
  const all = decideAll(decide(decisionFor('ask'), 7, true), true);
  expect(all.except_rows).toEqual([]);
  const but = decide(all, 8, false);
  expect([updates(but, 7), updates(but, 8)]).toEqual([true, false]);
  expect(choiceOf(but)).toBe('ask');
});

it('says when a person looked only if they were asked', () => {
  const settings = detectedSettings({ country: 'CO', currency: 'COP', date_order: 'dmy' });
  const forecast = { seen_at: '2026-11-20T10:00:00Z' } as Parameters<typeof decided>[1];
  const plan = (choice: (typeof choices)[number]) => decided(commitPlan([], {}, { ...settings, ...decisionFor(choice) }), forecast);
  expect(choices.map((choice) => plan(choice).seen_at)).toEqual([undefined, undefined, '2026-11-20T10:00:00Z']);
});
