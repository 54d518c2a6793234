import { describe, expect, it } from 'vitest';
import { commitPlan, detectedMapping, detectedSettings, missingFields, variableNames, withField, type Column } from './mapping';

const column = (index: number, header: string, detected: Column['detected'] = null): Column => ({ index, header, detected, samples: [] });
const settings = detectedSettings({ country: 'MX', currency: 'MXN', date_order: 'dmy' });

describe('the mapping of columns', () => {
  it('takes what was detected, keeps other columns as custom values and ignores nameless ones', () => {
    const columns = [column(0, 'Celular', 'phone'), column(1, 'Días de mora'), column(2, '  ')];
    expect(detectedMapping(columns)).toEqual({ 0: 'phone', 1: 'custom', 2: 'ignore' });
  });

  it('moves a field from the column that held it, and shares tags', () => {
    expect(withField({ 0: 'phone', 1: 'custom' }, 1, 'phone')).toEqual({ 0: 'custom', 1: 'phone' });
    expect(withField({ 0: 'tags', 1: 'custom' }, 1, 'tags')).toEqual({ 0: 'tags', 1: 'tags' });
  });

  it('names what an import cannot do without', () => {
    expect(missingFields({ 0: 'amount' })).toEqual(['phone', 'name']);
    expect(missingFields({ 0: 'name', 1: 'phone' })).toEqual([]);
  });
});

describe('the variables of custom columns', () => {
  const names = (...headers: string[]) => {
    const columns = headers.map((header, index) => column(index, header));
    return Object.values(variableNames(columns, Object.fromEntries(columns.map(({ index }) => [index, 'custom' as const]))));
  };

  it('are headers as a template can write them', () => {
    expect(names('Días de mora', ' Nº  Cuota ')).toEqual(['dias_de_mora', 'n_cuota']);
  });

  it('never begin with a digit or are empty', () => {
    expect(names('2024', '???')).toEqual(['column_2024', 'column_2']);
  });

  it('are told apart when headers are alike, so that no column overwrites another', () => {
    expect(names('Nota', 'nota', 'Nota 2')).toEqual(['nota', 'nota_2', 'nota_2_2']);
  });
});

it('orders an import as the API takes it', () => {
  const columns = [column(0, 'Celular', 'phone'), column(1, 'Nombre', 'name'), column(2, 'Nota'), column(3, 'Nota'), column(4, '')];
  expect(commitPlan(columns, detectedMapping(columns), { ...settings, tags: ['nov'] })).toEqual({
    country: 'MX',
    currency: 'MXN',
    date_order: 'dmy',
    decimal: 'auto',
    tags: ['nov'],
    update_existing: true,
    mapping: [
      { index: 0, field: 'phone' },
      { index: 1, field: 'name' },
      { index: 2, field: 'custom', variable: 'nota' },
      { index: 3, field: 'custom', variable: 'nota_2' },
      { index: 4, field: 'ignore' },
    ],
  });
});
