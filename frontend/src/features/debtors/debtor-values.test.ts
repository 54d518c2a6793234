import { describe, expect, it } from 'vitest';
import type { Debtor } from '@/api/types';
import { bodyOf, needsReason, valuesOf } from './debtor-values';
import { fromMinor, toMinor } from './money';

const debtor: Debtor = {
  id: 7,
  phone: '+573001112233',
  name: 'Ana Ruiz',
  reference: null,
  amount: { minor: 125050, currency: 'USD', text: '$1,250.50' },
  due_date: '2026-11-30',
  status: 'opted_out',
  tags: ['nov'],
  fields: {},
  created_at: '2026-11-01T00:00:00Z',
  updated_at: '2026-11-01T00:00:00Z',
};

describe('a debtor in the form', () => {
  it('goes back to the API as it came', () => {
    expect(bodyOf(valuesOf(debtor))).toEqual({
      phone: '+573001112233',
      name: 'Ana Ruiz',
      reference: null,
      amount: { minor: 125050, currency: 'USD' },
      due_date: '2026-11-30',
      status: 'opted_out',
      tags: ['nov'],
    });
  });

  it('sends nothing for what was left empty', () => {
    const body = bodyOf({ ...valuesOf(null), phone: ' +57 300 ', name: ' Luis ' });
    expect(body).toMatchObject({ phone: '+57 300', name: 'Luis', reference: null, amount: null, due_date: null });
  });

  it('asks for a reason only to write again to somebody who opted out', () => {
    expect(needsReason(debtor, 'active')).toBe(true);
    expect(needsReason(debtor, 'opted_out')).toBe(false);
    expect(needsReason({ ...debtor, status: 'paid' }, 'active')).toBe(false);
    expect(needsReason(null, 'active')).toBe(false);
  });
});

describe('money', () => {
  it('has the digits of its currency', () => {
    expect(toMinor(19.99, 'USD')).toBe(1999);
    expect(toMinor(1.005, 'KWD')).toBe(1005);
    expect(toMinor(15000, 'CLP')).toBe(15000);
    expect(fromMinor(1999, 'USD')).toBe(19.99);
  });

  it('takes two digits for what is not a currency yet', () => {
    expect(toMinor(1.5, 'X')).toBe(150);
  });
});
