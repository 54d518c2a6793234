import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { debtorStatuses } from '@/lib/statuses';
import { shellRoute } from './shell';

export const debtorsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/debtors',
  validateSearch: z.object({
    search: z.string().optional().catch(undefined),
    tag: z.string().optional().catch(undefined),
    status: z.enum(debtorStatuses).optional().catch(undefined),
    cursor: z.string().optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import('@/features/debtors/debtors-page'), 'DebtorsPage'),
});

export const importRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/debtors/import',
  component: lazyRouteComponent(() => import('@/features/imports/import-page'), 'ImportPage'),
});
