import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';

/** The imports, the newest first; asked for again as long as one of them is being stored. */
export const importListQuery = infiniteQueryOptions({
  queryKey: keys.importList,
  queryFn: ({ pageParam: cursor }) => unwrap(api.GET('/api/debtors/imports', { params: { query: { cursor, limit: 50 } } })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
  refetchInterval: ({ state }) =>
    state.data?.pages.some(({ items }) => items.some(({ status }) => status === 'committing')) ? 2_000 : false,
});

export const importQuery = (id: number) =>
  queryOptions({
    queryKey: keys.import(id),
    queryFn: () => unwrap(api.GET('/api/debtors/imports/{id}', { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data?.status === 'committing' ? 1_000 : false),
  });
