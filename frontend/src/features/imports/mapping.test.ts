import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  commitPlan,
  detectedMapping,
  detectedSettings,
  missingFields,
  suggested,
  trust,
  variableNames,
  withCorrection,
  withField,
  type Column,
} from './mapping';

const column = (index: number, header: string, detected: Column['detected'] = null): Column => ({
  index,
  header,
  detected,
  samples: [],
  confidence: detected ? 0.9 : 0,
});
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

  it('are never called as what every debtor has, which would hide them', () => {
    expect(names('Amount', 'Debts total', 'amount_2', 'Status', 'Time zone')).toEqual([
      'amount_2',
      'debts_total_2',
      'amount_2_2',
      'status_2',
      'time_zone_2',
    ]);
  });

  it.each([
    ['templates', '../src/domain/template/mod.rs', /VARIABLES: &\[&str\] = &\[([^\]]+)\]/],
    ['exports', '../src/export/mod.rs', /COLUMNS: \[&str; \d+\] = \[([^\]]+)\]/],
  ])('keep clear of every name of %s', (_, file, list) => {
    const known = [...(list.exec(readFileSync(file, 'utf8'))?.[1] ?? '').matchAll(/"(\w+)"/g)].map(([, name]) => name ?? '');
    expect(known.length).toBeGreaterThan(5);
    for (const name of known) expect(names(name)).toEqual([`${name}_2`]);
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
    ask: false,
    except_rows: [],
    corrections: [],
    mapping: [
      { index: 0, field: 'phone' },
      { index: 1, field: 'name' },
      { index: 2, field: 'custom', variable: 'nota' },
      { index: 3, field: 'custom', variable: 'nota_2' },
      { index: 4, field: 'ignore' },
    ],
  });
});

it('takes up what was done with the last file of the same shape', () => {
  const columns = [column(0, 'Celular', 'phone'), column(1, 'Nombre', 'name'), column(2, 'Nota')];
  const mapping = { 0: 'phone', 1: 'ignore', 2: 'name' } as const;
  const plan = commitPlan(columns, mapping, { ...settings, corrections: ['trunk_prefix'], tags: ['nov'] });
  expect(suggested(plan)).toEqual({ mapping, settings: { ...settings, corrections: ['trunk_prefix'], tags: ['nov'] } });
});

it('says how far a guess can be trusted, until a person chooses otherwise', () => {
  const sure = column(0, 'Celular', 'phone');
  expect(trust(sure, 'phone')).toBe('sure');
  expect(trust({ ...sure, confidence: 0.5 }, 'phone')).toBe('check');
  expect(trust(sure, 'name')).toBeNull();
  expect(trust(column(1, 'Nota'), 'custom')).toBe('unknown');
  expect(trust(column(1, 'Nota'), 'name')).toBeNull();
});

it('agrees to corrections one kind at a time', () => {
  expect(withCorrection([], 'trunk_prefix', true)).toEqual(['trunk_prefix']);
  expect(withCorrection(['trunk_prefix'], 'trunk_prefix', true)).toEqual(['trunk_prefix']);
  expect(withCorrection(['trunk_prefix', 'other_country'], 'trunk_prefix', false)).toEqual(['other_country']);
});
