import { expect, it } from 'vitest';
import { readableRate } from './pace';

it('reads as people would say it', () => {
  expect([0.1, 1.25, 9.96, 12.4, 3000.2].map(readableRate)).toEqual([
    { rate: 6, per: 'hour' },
    { rate: 1.3, per: 'minute' },
    { rate: 10, per: 'minute' },
    { rate: 12, per: 'minute' },
    { rate: 3000, per: 'minute' },
  ]);
});
