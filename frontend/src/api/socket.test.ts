import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keys } from './queries';
import { feedQueries, type LiveSocket } from './socket';
import type { Campaign, MessageCounts, Session } from './types';

/** The receiving half of a socket: the events a server would send. */
function wire() {
  const listeners = new Map<string, Set<(payload?: unknown) => void>>();
  return {
    on: (event: string, listener: () => void) => listeners.set(event, (listeners.get(event) ?? new Set()).add(listener)),
    off: (event: string, listener: () => void) => listeners.get(event)?.delete(listener),
    receive: (event: string, payload?: unknown) => listeners.get(event)?.forEach((listener) => listener(payload)),
  };
}

const counts = { planned: 1, read: 1, total: 2 } as MessageCounts;
const campaign = { id: 7, status: 'running', counts: { planned: 2, total: 2 } } as Campaign;

describe('the socket', () => {
  let queries: QueryClient;
  let live: ReturnType<typeof wire>;
  let stop: () => void;

  beforeEach(() => {
    vi.useFakeTimers();
    queries = new QueryClient();
    live = wire();
    stop = feedQueries(live as unknown as LiveSocket, queries);
  });
  afterEach(() => {
    stop();
    vi.useRealTimers();
  });

  it('shows a QR code at once, and takes it off', () => {
    const code = { session_id: 3, qr: '2@abc', image: 'data:image/svg+xml;base64,', expires_at: '2026-01-01T00:00:20Z' };
    live.receive('session.qr', code);
    expect(queries.getQueryData(keys.qr(3))).toEqual(code);
    live.receive('session.qr', { session_id: 3, qr: null, image: null, expires_at: null });
    expect(queries.getQueryData(keys.qr(3))).toBeNull();
  });

  it('moves a number to its new status', () => {
    queries.setQueryData(keys.sessions, [{ id: 3, status: 'unpaired' } as Session]);
    live.receive('session.status', { session_id: 3, status: 'online', status_reason: null });
    expect(queries.getQueryData(keys.sessions)).toMatchObject([{ id: 3, status: 'online' }]);
  });

  it('moves a campaign wherever it is shown', () => {
    const pages = [...keys.campaigns, 'list', 'all'];
    queries.setQueryData(keys.campaign(7), campaign);
    queries.setQueryData(pages, { pages: [{ items: [campaign], next_cursor: null }], pageParams: [undefined] });
    live.receive('campaign.progress', { campaign_id: 7, status: 'finished', counts });
    expect(queries.getQueryData(keys.campaign(7))).toMatchObject({ status: 'finished', counts });
    expect(queries.getQueryData(pages)).toMatchObject({ pages: [{ items: [{ status: 'finished', counts }] }] });
  });

  it('fetches messages again once for many events', () => {
    const invalidate = vi.spyOn(queries, 'invalidateQueries');
    for (let id = 0; id < 50; id += 1) live.receive('message.status', { campaign_id: 7, message_id: id, state: 'sent' });
    vi.runAllTimers();
    expect(invalidate).toHaveBeenCalledTimes(1);
    expect(invalidate).toHaveBeenCalledWith({ queryKey: keys.messages(7) });
  });

  it('fetches everything again after a reconnect and on resync, but not on the first connection', () => {
    const invalidate = vi.spyOn(queries, 'invalidateQueries');
    live.receive('connect');
    expect(invalidate).not.toHaveBeenCalled();
    live.receive('connect');
    live.receive('resync', {});
    expect(invalidate.mock.calls).toEqual([[], []]);
  });
});
