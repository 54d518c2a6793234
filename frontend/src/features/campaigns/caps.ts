import type { Campaign, Session } from '@/api/types';

type Used = Pick<Session, 'caps' | 'sent_today' | 'new_chats_today'>;

/** The numbers of a campaign's pools. */
export const numbersOf = ({ pools }: Pick<Campaign, 'pools'>, sessions: Session[]) =>
  sessions.filter((session) => session.pools.some(({ id }) => pools.some((pool) => pool.id === id)));

/** The caps of a day that a number has reached. How much of an hour's, a minute's or a warm-up's it has used, the server does not tell. */
export function usedUp({ caps, sent_today: sent, new_chats_today: chats }: Used) {
  const all = [
    { kind: 'sent', used: sent, cap: caps.per_day },
    { kind: 'chats', used: chats, cap: caps.new_chats_per_day },
  ] as const;
  return all.flatMap(({ kind, used, cap }) => (cap !== null && used >= cap ? [{ kind, used, cap }] : []));
}

/** How many messages a number may still send today; null where there is no such cap, or another one may leave less. */
export function leftToday(session: Used): number | null {
  const { caps, sent_today: sent } = session;
  if (caps.per_day === null || caps.warm_up || usedUp(session).some(({ kind }) => kind === 'chats')) return null;
  return Math.max(0, caps.per_day - sent);
}
