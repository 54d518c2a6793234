import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { keys, sessionsQuery } from '@/api/queries';
import type { Audience, Campaign, CampaignPreviewIn, CampaignStatus, MessageState } from '@/api/types';

/** The first page has no cursor. */
const first = undefined as string | undefined;

export const campaignListQuery = (status: CampaignStatus | undefined) =>
  infiniteQueryOptions({
    queryKey: [...keys.campaigns, 'list', status ?? 'all'],
    queryFn: ({ pageParam: cursor }) => unwrap(api.GET('/api/campaigns', { params: { query: { status, cursor, limit: 50 } } })),
    initialPageParam: first,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

export type MessageFilter = { state?: MessageState; doubted?: true; search?: string };

export const messageListQuery = (id: number, filter: MessageFilter) =>
  infiniteQueryOptions({
    queryKey: [...keys.messages(id), filter],
    queryFn: ({ pageParam: cursor }) =>
      unwrap(api.GET('/api/campaigns/{id}/messages', { params: { path: { id }, query: { ...filter, cursor, limit: 50 } } })),
    initialPageParam: first,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

export const campaignSessionsQuery = (id: number) =>
  queryOptions({
    queryKey: keys.campaignSessions(id),
    queryFn: async () => (await unwrap(api.GET('/api/campaigns/{id}/sessions', { params: { path: { id } } }))).items,
  });

/** Every number; what one has sent today is asked for now and then while its campaign sends. */
export const numbersQuery = (sends: boolean) => queryOptions({ ...sessionsQuery, refetchInterval: sends && 15_000 });

/** Time alone changes it too, so it is asked for now and then. */
export const waitingQuery = (id: number) =>
  queryOptions({
    queryKey: keys.campaignWaiting(id),
    queryFn: async () => (await unwrap(api.GET('/api/campaigns/{id}/waiting', { params: { path: { id } } }))).items,
    refetchInterval: 10_000,
  });

/** Time alone changes it too. */
export const forecastQuery = (id: number) =>
  queryOptions({
    queryKey: keys.campaignForecast(id),
    queryFn: () => unwrap(api.GET('/api/campaigns/{id}/forecast', { params: { path: { id } } })),
    refetchInterval: 10_000,
  });

/** Asked for now and then as long as it grows: for a large campaign it is some work. */
export const timelineQuery = (id: number, isRunning: boolean) =>
  queryOptions({
    queryKey: keys.campaignTimeline(id),
    queryFn: () => unwrap(api.GET('/api/campaigns/{id}/timeline', { params: { path: { id } } })),
    refetchInterval: ({ state }) => isRunning && (state.data?.spans.length ? 10_000 : 2_000),
  });

export const audienceQuery = (audience: Audience) =>
  queryOptions({
    queryKey: [...keys.debtors, 'audience', audience],
    queryFn: async () => (await unwrap(api.POST('/api/campaigns/audience', { body: audience }))).count,
  });

/** What a launch would do now, whatever time the plan has for it; asked anew for each launch. */
export const launchPreviewQuery = ({ id, template, audience, plan }: Campaign) => {
  const body: CampaignPreviewIn = { template_id: template.id, audience, plan: { ...plan, starts_at: null } };
  return queryOptions({
    queryKey: [...keys.campaignPreview(id), body],
    queryFn: () => unwrap(api.POST('/api/campaigns/preview', { body })),
    staleTime: 0,
    gcTime: 0,
  });
};
