import { expect, it } from 'vitest';
import { spanLabel, spanLength } from './timeline';

it.each([
  [10, '10 seconds'],
  [300, '5 minutes'],
  [3600, '1 hour'],
  [604_800, '7 days'],
])('calls %i seconds %s', (seconds, words) => expect(spanLength(seconds, 'en')).toBe(words));

it('names a day where spans are days, and a time where they are minutes', () => {
  expect(spanLabel('2026-11-20T12:30:00Z', 86_400, 'en')).toContain('2026');
  expect(spanLabel('2026-11-20T12:30:00Z', 300, 'en')).toMatch(/^\d+:\d\d/);
});
