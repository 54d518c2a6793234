import { describe, expect, it } from 'vitest';
import { commitPlan, detectedMapping, detectedSettings, missingFields, variableName, withField, type Column } from './mapping';

const columns: Column[] = [
  { index: 0, header: 'Cliente', samples: ['Ana'], detected: 'name' },
  { index: 1, header: 'Celular', samples: ['300'], detected: 'phone' },
  { index: 2, header: 'Días de mora', samples: ['12'], detected: null },
  { index: 3, header: '', samples: [], detected: null },
];

describe('the import mapping', () => {
  it('keeps what the server did not recognise, except columns without a header', () => {
    expect(detectedMapping(columns)).toEqual({ 0: 'name', 1: 'phone', 2: 'custom', 3: 'ignore' });
  });

  it('gives a field to one column only', () => {
    expect(withField(detectedMapping(columns), 2, 'phone')).toEqual({ 0: 'name', 1: 'custom', 2: 'phone', 3: 'ignore' });
  });

  it('lets several columns be custom, ignored or tags', () => {
    expect(withField(detectedMapping(columns), 3, 'custom')).toMatchObject({ 2: 'custom', 3: 'custom' });
    expect(withField({ 0: 'tags', 1: 'phone' }, 1, 'tags')).toEqual({ 0: 'tags', 1: 'tags' });
  });

  it('names the fields an import cannot do without', () => {
    expect(missingFields({ 0: 'amount' })).toEqual(['phone', 'name']);
    expect(missingFields(detectedMapping(columns))).toEqual([]);
  });

  it.each([
    ['Días de mora', 'dias_de_mora'],
    ['  N° crédito ', 'n_credito'],
    ['30 days', '_30_days'],
    ['***', 'column_6'],
  ])('makes %j the variable %j', (header, name) => expect(variableName(header, 5)).toBe(name));

  it('orders what is on show', () => {
    const settings = detectedSettings({ country: 'MX', currency: 'MXN', date_order: null });
    expect(commitPlan(columns, detectedMapping(columns), settings)).toEqual({
      country: 'MX',
      currency: 'MXN',
      date_order: 'dmy',
      decimal: 'auto',
      tags: [],
      update_existing: true,
      mapping: [
        { index: 0, field: 'name' },
        { index: 1, field: 'phone' },
        { index: 2, field: 'custom', variable: 'dias_de_mora' },
        { index: 3, field: 'ignore' },
      ],
    });
  });
});
