import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { shellRoute } from './shell';

export const templatesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/templates',
  validateSearch: z.object({
    edit: z
      .union([z.literal('new'), z.number().int()])
      .optional()
      .catch(undefined),
  }),
  component: lazyRouteComponent(() => import('@/features/templates/templates-page'), 'TemplatesPage'),
});
