import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from '@/api/problem';
import { keys } from '@/api/queries';

/** A sign-in that ended while the page was open sends its reader back to the door. */
function noticeSignedOut(error: unknown): void {
  if (error instanceof ApiError && error.slug === 'unauthenticated') queries.setQueryData(keys.me, null);
}

export const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeSignedOut }),
  mutationCache: new MutationCache({ onError: noticeSignedOut }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // What the server refused stays refused; a lost connection may come back.
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
});
