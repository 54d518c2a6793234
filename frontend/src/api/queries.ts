import { queryOptions } from '@tanstack/react-query';
import { api, unwrap } from './client';
import { ApiError } from './problem';
import type { Me, SessionQr } from './types';

/** The first part of every query key; the socket invalidates by these. */
export const keys = {
  info: ['info'],
  me: ['me'],
  dashboard: ['dashboard'],
  sessions: ['sessions'],
  qr: (id: number) => ['session-qr', id],
  diagnosis: (id: number) => ['session-diagnosis', id],
  pools: ['pools'],
  debtors: ['debtors'],
  tags: ['debtor-tags'],
  segments: ['segments'],
  imports: ['imports'],
  importList: ['import-list'],
  import: (id: number) => ['import', id],
  templates: ['templates'],
  variables: ['template-variables'],
  campaigns: ['campaigns'],
  campaign: (id: number) => ['campaigns', 'one', id],
  messages: (id: number) => ['campaign-messages', id],
  contactPolicy: ['contact-policy'],
  suppressions: ['suppressions'],
  campaignSessions: (id: number) => ['campaign-sessions', id],
  campaignWaiting: (id: number) => ['campaign-waiting', id],
  campaignPreview: (id: number) => ['campaign-preview', id],
  campaignForecast: (id: number) => ['campaign-forecast', id],
  campaignTimeline: (id: number) => ['campaign-timeline', id],
} as const;

export const infoQuery = queryOptions({
  queryKey: keys.info,
  queryFn: () => unwrap(api.GET('/api/info')),
  staleTime: 60_000,
});

/** Who is signed in; null when nobody is. */
export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: async (): Promise<Me | null> => {
    try {
      return await unwrap(api.GET('/api/auth/me'));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: Infinity,
});

export const dashboardQuery = queryOptions({
  queryKey: keys.dashboard,
  queryFn: () => unwrap(api.GET('/api/dashboard')),
  refetchInterval: 30_000,
});

export const sessionsQuery = queryOptions({
  queryKey: keys.sessions,
  queryFn: async () => (await unwrap(api.GET('/api/sessions'))).items,
});

/** The QR code a session shows; null when it shows none. */
export const qrQuery = (id: number) =>
  queryOptions({
    queryKey: keys.qr(id),
    queryFn: async (): Promise<SessionQr | null> => {
      try {
        return await unwrap(api.GET('/api/sessions/{id}/qr', { params: { path: { id } } }));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });

/** What was seen when a session broke at that time. */
export const diagnosisQuery = (id: number, at: string) =>
  queryOptions({
    queryKey: [...keys.diagnosis(id), at],
    queryFn: () => unwrap(api.GET('/api/sessions/{id}/diagnosis', { params: { path: { id } } })),
  });

export const poolsQuery = queryOptions({
  queryKey: keys.pools,
  queryFn: async () => (await unwrap(api.GET('/api/pools'))).items,
});

export const templatesQuery = queryOptions({
  queryKey: keys.templates,
  queryFn: async () => (await unwrap(api.GET('/api/templates'))).items,
});

/** What a template can say of a debtor; the names of further fields are `custom`. */
export const variablesQuery = queryOptions({
  queryKey: keys.variables,
  queryFn: async () => (await unwrap(api.GET('/api/templates/variables'))).items,
});

export const tagsQuery = queryOptions({
  queryKey: keys.tags,
  queryFn: async () => (await unwrap(api.GET('/api/debtors/tags'))).items,
});

export const segmentsQuery = queryOptions({
  queryKey: keys.segments,
  queryFn: async () => (await unwrap(api.GET('/api/segments'))).items,
});

export const campaignQuery = (id: number) =>
  queryOptions({
    queryKey: keys.campaign(id),
    queryFn: () => unwrap(api.GET('/api/campaigns/{id}', { params: { path: { id } } })),
  });

/** The newest campaigns in a status. */
export const campaignsInStatusQuery = (status: 'running' | 'paused') =>
  queryOptions({
    queryKey: [...keys.campaigns, 'in', status],
    queryFn: async () => (await unwrap(api.GET('/api/campaigns', { params: { query: { status, limit: 5 } } }))).items,
  });

export const contactPolicyQuery = queryOptions({
  queryKey: keys.contactPolicy,
  queryFn: () => unwrap(api.GET('/api/settings/contact-policy')),
});

export const suppressionsQuery = (search: string | undefined) =>
  queryOptions({
    queryKey: [...keys.suppressions, search ?? ''],
    queryFn: async () => (await unwrap(api.GET('/api/suppressions', { params: { query: { search } } }))).items,
  });
