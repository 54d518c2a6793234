import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from './shell';

export const poolsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/pools',
  component: lazyRouteComponent(() => import('@/features/pools/pools-page'), 'PoolsPage'),
});
