import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { shellRoute } from './shell';

export const dashboardRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  // The numbers of the whole house are not for agents; their day is in the campaigns.
  beforeLoad: ({ context }) => {
    if (context.me.role === 'agent') throw redirect({ to: '/campaigns', search: {} });
  },
  component: lazyRouteComponent(() => import('@/features/dashboard/dashboard-page'), 'DashboardPage'),
});
