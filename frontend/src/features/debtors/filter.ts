import type { components } from '@/api/schema.gen';

/** As the server takes it: what is missing or null says nothing. */
export type DebtorFilter = components['schemas']['DebtorFilter'];

export const debtorSorts = ['created', 'name', 'amount', 'due_date', 'last_contact'] as const;
export type DebtorSort = (typeof debtorSorts)[number];

/** The same, of which only what is said is there. */
export type SaidFilter = { [Key in keyof DebtorFilter]?: NonNullable<DebtorFilter[Key]> };

/** What the address of the list says. */
export type DebtorSearch = SaidFilter & {
  /** The segment that the filter began as, whatever it has become since. */
  segment?: number;
  sort?: DebtorSort;
  descending?: boolean;
  cursor?: string;
};

/** What is said of whom, without segment, order and page. */
function said(search: DebtorSearch | DebtorFilter): SaidFilter {
  const rest: Record<string, unknown> = { ...search };
  for (const key of ['segment', 'sort', 'descending', 'cursor']) delete rest[key];
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined && value !== null && value !== ''));
}

/** Whether only those who ever got a message are listed because of the order alone. */
export const isOrderAFilter = ({ sort, contacted }: DebtorSearch): boolean => sort === 'last_contact' && contacted === undefined;

/**
 * The filter that the list shows. Whoever never got a message has no place in the order by last message: what is done to all of a list
 * in that order must not reach them either.
 */
export function filterOf(search: DebtorSearch | DebtorFilter): SaidFilter {
  return isOrderAFilter(search as DebtorSearch) ? { ...said(search), contacted: true } : said(search);
}

/** The first page with another filter, in the same order; the one by last message goes when those who never got one are to be listed. */
export function withFilter({ cursor: _, segment, sort, descending, ...now }: DebtorSearch, change: DebtorFilter): DebtorSearch {
  const filter: DebtorSearch = { ...said({ ...now, ...change }), ...(segment !== undefined && { segment }) };
  if (sort === 'last_contact' && 'contacted' in change) {
    if (change.contacted !== true) return filter;
    // That much the order says by itself.
    if (now.contacted === undefined) delete filter.contacted;
  }
  return { ...(sort && { sort }), ...(descending !== undefined && { descending }), ...filter };
}

export const isFiltered = (search: DebtorSearch): boolean => Object.keys(filterOf(search)).length > 0;

/** Whether both mean the same debtors. */
export function sameFilter(one: DebtorFilter, other: DebtorFilter): boolean {
  const inOrder = (key: string, value: unknown) => (key === 'tag' || key === 'status' ? partsOf(String(value)).sort() : value);
  const sorted = (filter: DebtorFilter) =>
    JSON.stringify(
      Object.entries(filterOf(filter))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => [key, inOrder(key, value)]),
    );
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
