import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { infoQuery, keys } from '@/api/queries';
import type { Me } from '@/api/types';

/** What to do once somebody is in: remember who, and go to `next`. */
export function useEntered(next = '/'): (me: Me) => void {
  const queries = useQueryClient();
  const router = useRouter();
  return (me) => {
    queries.setQueryData(keys.me, me);
    queries.setQueryData(infoQuery.queryKey, (info) => info && { ...info, setup_needed: false });
    router.history.push(next);
  };
}
