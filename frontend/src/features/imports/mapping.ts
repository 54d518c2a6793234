import type { components } from '@/api/schema.gen';
import type { Import } from '@/api/types';

type Schemas = components['schemas'];
export type ImportField = Schemas['ImportField'];
export type Column = Schemas['ImportColumn'];
export type PhoneSlip = Schemas['PhoneSlip'];
export type CommitPlan = Schemas['CommitIn'];
/** What a column becomes, by its index in the sheet. */
export type Mapping = Record<number, ImportField>;

export const importFields = [
  'phone',
  'second_phone',
  'name',
  'surname',
  'reference',
  'amount',
  'currency',
  'due_date',
  'company',
  'language',
  'time_zone',
  'country',
  'tags',
  'custom',
  'ignore',
] as const satisfies readonly ImportField[];

/** What the server made of the headers; what it did not recognise is kept as a field of the debtor's own. */
export function detectedMapping(columns: Column[]): Mapping {
  return Object.fromEntries(columns.map(({ index, detected, header }) => [index, detected ?? (header.trim() ? 'custom' : 'ignore')]));
}

/** `mapping` with one column changed. Most fields stand for one column only: another that held it is kept as a custom field. */
export function withField(mapping: Mapping, index: number, field: ImportField): Mapping {
  const shared = ['custom', 'ignore', 'tags', 'surname'].includes(field);
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

/**
 * What templates, exports and the import itself know of every debtor. Under such a name a template would never find a column of one's own,
 * and an export would have the header twice.
 */
const reserved: readonly string[] = [
  'name',
  'first_name',
  'phone',
  'reference',
  'amount',
  'currency',
  'due_date',
  'debts_total',
  'debts_count',
  'debts_list',
  'status',
  'tags',
  'last_contact_at',
  'last_heard_at',
  'created_at',
  'second_phone',
  'company',
  'language',
  'time_zone',
];

/** The variables that custom columns become, by index. Like headers get a number, or one would overwrite the other. */
export function variableNames(columns: Column[], mapping: Mapping): Record<number, string> {
  const names: Record<number, string> = {};
  const taken = new Set(reserved);
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
  ask: boolean;
  except_rows: number[];
  corrections: PhoneSlip[];
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
    ask: false,
    except_rows: [],
    corrections: [],
  };
}

/** What was done with the last file of the same shape. */
export function suggested(plan: CommitPlan): { mapping: Mapping; settings: ImportSettings } {
  const { mapping, country, currency, date_order } = plan;
  return {
    mapping: Object.fromEntries(mapping.map(({ index, field }) => [index, field])),
    settings: {
      country,
      currency,
      date_order,
      decimal: plan.decimal ?? 'auto',
      tags: plan.tags ?? [],
      // Of the rows of another file nothing was decided.
      update_existing: !plan.ask && (plan.update_existing ?? true),
      ask: plan.ask ?? false,
      except_rows: [],
      corrections: plan.corrections ?? [],
    },
  };
}

/** From here on a guess is hardly ever wrong. */
const SURE = 0.8;

/** How far a guess can be trusted; nothing where a person has chosen otherwise. */
export function trust(column: Column, field: ImportField | undefined): 'sure' | 'check' | 'unknown' | null {
  if (column.detected === null) return field === 'custom' || field === 'ignore' ? 'unknown' : null;
  if (column.detected !== field) return null;
  return column.confidence >= SURE ? 'sure' : 'check';
}

/** `corrections` with one kind of slip agreed to or not. */
export function withCorrection(corrections: PhoneSlip[], slip: PhoneSlip, agreed: boolean): PhoneSlip[] {
  const others = corrections.filter((other) => other !== slip);
  return agreed ? [...others, slip] : others;
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
