import type { components } from '@/api/schema.gen';

/** As the server takes it: what is missing or null says nothing. */
export type DebtorFilter = components['schemas']['DebtorFilter'];

export const debtorSorts = ['created', 'name', 'amount', 'due_date', 'last_contact'] as const;
export type DebtorSort = (typeof debtorSorts)[number];

/** The same, of which only what is said is there. */
export type SaidFilter = { [Key in keyof DebtorFilter]?: NonNullable<DebtorFilter[Key]> };

/** What the address of the list says. */
export type DebtorSearch = SaidFilter & {
  sort?: DebtorSort;
  descending?: boolean;
  cursor?: string;
};

/** The filter alone, without what is not said. */
export function filterOf(search: DebtorSearch | DebtorFilter): SaidFilter {
  const rest: Record<string, unknown> = { ...search };
  for (const key of ['sort', 'descending', 'cursor']) delete rest[key];
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined && value !== null && value !== ''));
}

export const isFiltered = (search: DebtorSearch): boolean => Object.keys(filterOf(search)).length > 0;

/** Whether both mean the same debtors. */
export function sameFilter(one: DebtorFilter, other: DebtorFilter): boolean {
  const sorted = (filter: DebtorFilter) => JSON.stringify(Object.entries(filterOf(filter)).sort(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(one) === sorted(other);
}

/** Lists in addresses have commas between their parts. */
export const partsOf = (text: string | null | undefined): string[] => (text ?? '').split(',').filter(Boolean);
export const joined = (parts: string[]): string | undefined => parts.join(',') || undefined;

/** Where the filter's debtors are to be had as a file. */
export function exportAddress(kind: 'csv' | 'xlsx', search: DebtorSearch): string {
  const query = new URLSearchParams(Object.entries(filterOf(search)).map(([key, value]): [string, string] => [key, String(value)]));
  return `/api/debtors/export.${kind}?${query}`;
}
