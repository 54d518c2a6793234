import { createRoute, redirect } from '@tanstack/react-router';
import { infoQuery, meQuery } from '@/api/queries';
import { Shell } from '@/app/shell';
import { rootRoute } from './root';

/** All pages that need a sign-in. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  beforeLoad: async ({ context, location }) => {
    const me = await context.queries.ensureQueryData(meQuery);
    if (me) return { me };
    const info = await context.queries.ensureQueryData(infoQuery);
    if (info.setup_needed) throw redirect({ to: '/setup' });
    throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { next: location.href } });
  },
  component: Shell,
});
