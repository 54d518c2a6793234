import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { campaignStatuses, messageStates } from '@/lib/statuses';
import { shellRoute } from './shell';

export const campaignsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/campaigns',
  validateSearch: z.object({ status: z.enum(campaignStatuses).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('@/features/campaigns/campaigns-page'), 'CampaignsPage'),
});

export const newCampaignRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/campaigns/new',
  component: lazyRouteComponent(() => import('@/features/campaigns/new-campaign-page'), 'NewCampaignPage'),
});

const byId = {
  parse: ({ id }: { id: string }) => ({ id: z.coerce.number().int().parse(id) }),
  stringify: ({ id }: { id: number }) => ({ id: String(id) }),
};

export const editCampaignRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/campaigns/$id/edit',
  params: byId,
  component: lazyRouteComponent(() => import('@/features/campaigns/edit-campaign-page'), 'EditCampaignPage'),
});

export const campaignRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/campaigns/$id',
  params: byId,
  validateSearch: z.object({
    state: z.enum(messageStates).optional().catch(undefined),
    doubted: z.literal(true).optional().catch(undefined),
    search: z.string().optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import('@/features/campaigns/campaign-page'), 'CampaignPage'),
});
