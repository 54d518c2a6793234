import { describe, expect, it } from 'vitest';
import type { Debtor } from '@/api/types';
import { bodyOf, needsReason, valuesOf } from './debtor-values';

const debtor: Debtor = {
  id: 1,
  phone: '+573001112233',
  name: 'Ana',
  reference: null,
  amount: { minor: 150_050, currency: 'USD', text: '1,500.50' },
  due_date: '2026-01-31',
  status: 'opted_out',
  tags: ['mora'],
  debt_count: 1,
  fields: {},
  last_heard_at: null,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
};

describe('the debtor form', () => {
  it('shows and stores the same debtor', () => {
    expect(valuesOf(debtor).amount).toBe(1500.5);
    expect(bodyOf(valuesOf(debtor), debtor)).toEqual({
      phone: '+573001112233',
      name: 'Ana',
      reference: null,
      amount: { minor: 150_050, currency: 'USD' },
      due_date: '2026-01-31',
      status: 'opted_out',
      tags: ['mora'],
    });
  });

  it('knows currencies without minor units', () => {
    const body = bodyOf({ ...valuesOf(null), phone: '1', name: 'x', amount: 1500, currency: 'clp' }, null);
    expect(body.amount).toEqual({ minor: 1500, currency: 'CLP' });
  });

  it('says nothing of the debts of who has several', () => {
    const several = { ...debtor, debt_count: 2 };
    const { reference, amount, due_date } = bodyOf(valuesOf(several), several);
    expect([reference, amount, due_date]).toEqual([undefined, undefined, undefined]);
  });

  it('wants a reason where a legal stop would end', () => {
    for (const status of ['disputed', 'attorney_represented', 'cease_and_desist', 'deceased'] as const) {
      expect(needsReason({ ...debtor, status }, 'paid')).toBe(true);
    }
    for (const status of ['active', 'paid', 'wrong_number'] as const) expect(needsReason({ ...debtor, status }, 'active')).toBe(false);
    expect(needsReason(debtor, 'active')).toBe(true);
    expect(needsReason(debtor, 'opted_out')).toBe(false);
    expect(needsReason(null, 'active')).toBe(false);
  });
});
