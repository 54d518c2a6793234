import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { Import } from '@/api/types';
import type { CommitPlan } from './mapping';

/** The imports, the newest first; asked for again as long as one of them is being stored. */
export const importListQuery = infiniteQueryOptions({
  queryKey: keys.importList,
  queryFn: ({ pageParam: cursor }) => unwrap(api.GET('/api/debtors/imports', { params: { query: { cursor, limit: 50 } } })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
  refetchInterval: ({ state }) =>
    state.data?.pages.some(({ items }) => items.some(({ status }) => status === 'committing')) ? 2_000 : false,
});

/** How files were mapped. An import that is stored may add one. */
export const profilesQuery = queryOptions({
  queryKey: [...keys.importList, 'profiles'],
  queryFn: () => unwrap(api.GET('/api/debtors/imports/profiles')),
});

export const importQuery = (id: number) =>
  queryOptions({
    queryKey: keys.import(id),
    queryFn: () => unwrap(api.GET('/api/debtors/imports/{id}', { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data?.status === 'committing' ? 1_000 : false),
  });

/** What would become of the rows, of the first or of the whole file. It shows what a decision is about, whatever is decided. */
export const forecastQuery = (preview: Import, plan: CommitPlan, whole: boolean) => {
  const body = { ...plan, update_existing: true, ask: false, except_rows: [] };
  const params = { path: { id: preview.id }, query: whole ? { whole } : {} };
  return queryOptions({
    queryKey: [...keys.imports, preview.id, 'forecast', preview.sheet, body, whole],
    queryFn: () => unwrap(api.POST('/api/debtors/imports/{id}/forecast', { params, body })),
    staleTime: Infinity,
    retry: false,
  });
};
