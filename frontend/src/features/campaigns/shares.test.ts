import { expect, it } from 'vitest';
import { apart } from './shares';

it('has each message of a number once', () =>
  expect(apart({ sent: 10, delivered: 7, read: 4, failed: 1 })).toEqual({ sent: 3, delivered: 3, read: 4, failed: 1 }));
