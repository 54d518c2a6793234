import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { components } from '@/api/schema.gen';
import { filterOf, type DebtorSearch } from './filter';

const pageSize = 50;

/** How soon a timeline is read again while a file in it is still being fetched, in milliseconds. */
const fileEvery = 10_000;

export type DebtorPage = components['schemas']['DebtorList'];

/**
 * One page of debtors. Where what is asked is rare among very many, the server looks through some of them and says where to go on: we do,
 * until the page is full.
 */
export const debtorListQuery = (search: DebtorSearch) => {
  const { sort, descending, cursor } = search;
  const filter = filterOf(search);
  return queryOptions({
    queryKey: [...keys.debtors, 'list', { sort, descending, cursor, ...filter }],
    queryFn: async ({ signal }): Promise<DebtorPage> => {
      const ask = (from: string | undefined, limit: number) =>
        unwrap(api.GET('/api/debtors', { params: { query: { ...filter, sort, descending, cursor: from, limit } }, signal }));
      const first = await ask(cursor, pageSize);
      const items = [...first.items];
      let next = first.next_cursor;
      while (next && items.length < pageSize) {
        const page = await ask(next, pageSize - items.length);
        items.push(...page.items);
        next = page.next_cursor;
      }
      return { ...first, items, next_cursor: next };
    },
  });
};

/** The newest imports that were stored, to choose one from. */
export const recentImportsQuery = queryOptions({
  queryKey: [...keys.importList, 'recent'],
  queryFn: async () => {
    const { items } = await unwrap(api.GET('/api/debtors/imports', { params: { query: { limit: 100 } } }));
    return items.filter(({ status }) => status === 'committed');
  },
});

export const debtorQuery = (id: number) =>
  queryOptions({
    queryKey: [...keys.debtors, 'one', id],
    queryFn: () => unwrap(api.GET('/api/debtors/{id}', { params: { path: { id } } })),
  });

export const standingQuery = (id: number) =>
  queryOptions({
    queryKey: [...keys.debtors, 'standing', id],
    queryFn: () => unwrap(api.GET('/api/debtors/{id}/standing', { params: { path: { id } } })),
  });

export const debtorTimelineQuery = (id: number) =>
  infiniteQueryOptions({
    queryKey: [...keys.debtors, 'timeline', id],
    queryFn: ({ pageParam: cursor }) =>
      unwrap(api.GET('/api/debtors/{id}/timeline', { params: { path: { id }, query: { cursor, limit: 50 } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: ({ state }) => {
      const events = state.data?.pages.flatMap((page) => page.items) ?? [];
      const waits = events.some(({ what }) => what.kind === 'inbound' && what.file?.state === 'waiting');
      return waits && fileEvery;
    },
  });
