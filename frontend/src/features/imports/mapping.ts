import type { components } from '@/api/schema.gen';
import type { Import } from '@/api/types';

type Schemas = components['schemas'];
export type ImportField = Schemas['ImportField'];
export type Column = Schemas['ImportColumn'];
export type CommitPlan = Schemas['CommitIn'];
/** What a column becomes, by its index in the sheet. */
export type Mapping = Record<number, ImportField>;

export const importFields = [
  'phone',
  'name',
  'reference',
  'amount',
  'currency',
  'due_date',
  'tags',
  'custom',
  'ignore',
] as const satisfies readonly ImportField[];

/** What the server made of the headers; what it did not recognise is kept as a field of the debtor's own. */
export function detectedMapping(columns: Column[]): Mapping {
  return Object.fromEntries(columns.map(({ index, detected, header }) => [index, detected ?? (header.trim() ? 'custom' : 'ignore')]));
}

/** `mapping` with one column changed. A field stands for one column only: another that held it is kept as a custom field. */
export function withField(mapping: Mapping, index: number, field: ImportField): Mapping {
  const shared = field === 'custom' || field === 'ignore' || field === 'tags';
  const others = Object.entries(mapping).map(([key, value]) => [key, !shared && value === field ? 'custom' : value]);
  return { ...Object.fromEntries(others), [index]: field };
}

/** The fields an import cannot do without that no column gives. */
export function missingFields(mapping: Mapping): ImportField[] {
  const given = new Set(Object.values(mapping));
  return (['phone', 'name'] as const).filter((field) => !given.has(field));
}

/** A header as a template variable's name: `Días de mora` becomes `dias_de_mora`. A name begins with a letter. */
function variableName({ header, index }: Column): string {
  const name = header
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  if (name === '') return `column_${index + 1}`;
  return /^\d/.test(name) ? `column_${name}` : name;
}

/** The variables that custom columns become, by index. Like headers get a number, or one would overwrite the other. */
export function variableNames(columns: Column[], mapping: Mapping): Record<number, string> {
  const names: Record<number, string> = {};
  const taken = new Set<string>();
  for (const column of columns.filter(({ index }) => mapping[index] === 'custom')) {
    const wanted = variableName(column);
    let name = wanted;
    for (let next = 2; taken.has(name); next += 1) name = `${wanted}_${next}`;
    taken.add(name);
    names[column.index] = name;
  }
  return names;
}

export type ImportSettings = Pick<CommitPlan, 'country' | 'currency' | 'date_order'> & {
  decimal: NonNullable<CommitPlan['decimal']>;
  tags: string[];
  update_existing: boolean;
};

/** What the server detected, and a guess for what it could not. */
export function detectedSettings(detected: Import['settings_detected']): ImportSettings {
  return {
    country: detected.country ?? 'CO',
    currency: detected.currency ?? 'COP',
    date_order: detected.date_order ?? 'dmy',
    decimal: 'auto',
    tags: [],
    update_existing: true,
  };
}

/** The order to import, as the API takes it. */
export function commitPlan(columns: Column[], mapping: Mapping, settings: ImportSettings): CommitPlan {
  const variables = variableNames(columns, mapping);
  return {
    ...settings,
    mapping: columns.map(({ index }) => {
      const field = mapping[index] ?? 'ignore';
      return field === 'custom' ? { index, field, variable: variables[index] } : { index, field };
    }),
  };
}
