import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { z } from 'zod';
import { infoQuery, meQuery } from '@/api/queries';
import { rootRoute } from './root';

/** Only a path of this site may follow a sign-in. */
const next = z
  .string()
  .regex(/^\/(?![/\\])/)
  .optional()
  .catch(undefined);

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: z.object({ next }),
  beforeLoad: async ({ context }) => {
    const info = await context.queries.ensureQueryData(infoQuery);
    if (info.setup_needed) throw redirect({ to: '/setup' });
    if (await context.queries.ensureQueryData(meQuery)) throw redirect({ to: '/' });
  },
  component: lazyRouteComponent(() => import('@/features/auth/sign-in-page'), 'SignInPage'),
});

export const setupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/setup',
  beforeLoad: async ({ context }) => {
    const info = await context.queries.ensureQueryData(infoQuery);
    if (!info.setup_needed) throw redirect({ to: '/sign-in' });
  },
  component: lazyRouteComponent(() => import('@/features/auth/setup-page'), 'SetupPage'),
});
