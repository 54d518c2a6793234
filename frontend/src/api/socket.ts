import type { QueryClient } from '@tanstack/react-query';
import { io, type Socket } from 'socket.io-client';
import { keys } from './queries';
import type { components } from './schema.gen';
import type { Campaign, ServerEvents, Session, SessionQr } from './types';

type Listen = { [E in keyof ServerEvents]: (payload: ServerEvents[E]) => void };
type Ask = {
  [E in keyof components['schemas']['ClientEvents']]: (
    payload: components['schemas']['ClientEvents'][E],
    ack: (answer: { ok?: boolean; error?: components['schemas']['Problem'] }) => void,
  ) => void;
};

export type LiveSocket = Socket<Listen, Ask>;

/** One socket for the whole page; it is connected while somebody is signed in. */
export const socket: LiveSocket = io({ autoConnect: false, withCredentials: true });

/** Milliseconds. */
const pause = 600;

/** Writes what is urgent into the cache and invalidates the rest. Returns how to stop. */
export function feedQueries(live: LiveSocket, queries: QueryClient): () => void {
  // A running campaign tells of many messages a second; each list is fetched again at most every `pause`.
  const stale = new Map<string, readonly unknown[]>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    for (const queryKey of stale.values()) void queries.invalidateQueries({ queryKey });
    stale.clear();
  };
  const refresh = (...changed: (readonly unknown[])[]) => {
    for (const queryKey of changed) stale.set(JSON.stringify(queryKey), queryKey);
    timer ??= setTimeout(flush, pause);
  };
  const listeners: Listen = {
    'session.status': (event) => {
      queries.setQueryData<Session[]>(keys.sessions, (sessions) => withStatus(sessions, event));
      if (event.status !== 'unpaired') queries.setQueryData(keys.qr(event.session_id), null);
      refresh(keys.sessions, keys.pools, keys.dashboard);
    },
    'session.qr': (event) => queries.setQueryData(keys.qr(event.session_id), shownQr(event)),
    'campaign.progress': (event) => {
      let ended = false;
      queries.setQueryData<Campaign>(keys.campaign(event.campaign_id), (campaign) => {
        ended = campaign !== undefined && campaign.status !== event.status;
        return campaign && withProgress(campaign, event);
      });
      queries.setQueriesData<unknown>({ queryKey: keys.campaigns }, (cached: unknown) => withProgressInList(cached, event));
      if (ended) refresh(keys.campaigns, keys.campaignTimeline(event.campaign_id), keys.campaignForecast(event.campaign_id));
      refresh(keys.campaignSessions(event.campaign_id), keys.dashboard);
    },
    'message.status': (event) => refresh(keys.messages(event.campaign_id)),
    'import.progress': (event) => queries.setQueryData([...keys.imports, event.import_id, 'progress'], event),
    resync: () => void queries.invalidateQueries(),
  };
  // A reconnect may have missed events; the first connection comes with fresh queries anyway.
  let connectedBefore = false;
  const onConnect = () => {
    if (connectedBefore) void queries.invalidateQueries();
    connectedBefore = true;
  };
  live.on('connect', onConnect);
  const events = Object.keys(listeners) as (keyof Listen)[];
  for (const event of events) live.on(event, listeners[event] as never);
  return () => {
    clearTimeout(timer);
    live.off('connect', onConnect);
    for (const event of events) live.off(event, listeners[event] as never);
  };
}

/** The sessions with one status changed. */
export function withStatus(sessions: Session[] | undefined, event: ServerEvents['session.status']): Session[] | undefined {
  return sessions?.map((session) =>
    session.id === event.session_id ? { ...session, status: event.status, status_reason: event.status_reason } : session,
  );
}

/** The code an event shows, or null when it takes it off. */
export function shownQr({ session_id, qr, image, expires_at }: ServerEvents['session.qr']): SessionQr | null {
  return qr && image && expires_at ? { session_id, qr, image, expires_at } : null;
}

/** The campaign as an event leaves it. */
export function withProgress(campaign: Campaign, event: ServerEvents['campaign.progress']): Campaign {
  return campaign.id === event.campaign_id ? { ...campaign, status: event.status, counts: event.counts } : campaign;
}

/** The same for any cached list of campaigns: an array, a page, or the pages of an infinite query. */
export function withProgressInList(cached: unknown, event: ServerEvents['campaign.progress']): unknown {
  if (Array.isArray(cached)) return cached.map((campaign: Campaign) => withProgress(campaign, event));
  if (typeof cached !== 'object' || cached === null) return cached;
  if ('items' in cached) return { ...cached, items: withProgressInList(cached.items, event) };
  if ('pages' in cached && Array.isArray(cached.pages)) {
    return { ...cached, pages: cached.pages.map((page) => withProgressInList(page, event)) };
  }
  return cached;
}
