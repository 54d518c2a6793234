import { createRouter } from '@tanstack/react-router';
import { campaignRoute, campaignsRoute, editCampaignRoute, newCampaignRoute } from '@/routes/campaigns';
import { dashboardRoute } from '@/routes/dashboard';
import { debtorRoute, debtorsRoute, importRoute, importsRoute, newImportRoute } from '@/routes/debtors';
import { setupRoute, signInRoute } from '@/routes/entrance';
import { poolsRoute } from '@/routes/pools';
import { rootRoute } from '@/routes/root';
import { sessionsRoute } from '@/routes/sessions';
import { settingsRoute } from '@/routes/settings';
import { shellRoute } from '@/routes/shell';
import { templatesRoute } from '@/routes/templates';
import { queries } from './queries';

const routeTree = rootRoute.addChildren([
  signInRoute,
  setupRoute,
  shellRoute.addChildren([
    dashboardRoute,
    sessionsRoute,
    poolsRoute,
    debtorsRoute,
    newImportRoute,
    importsRoute,
    importRoute,
    debtorRoute,
    templatesRoute,
    campaignsRoute,
    newCampaignRoute,
    campaignRoute,
    editCampaignRoute,
    settingsRoute,
  ]),
]);

export const router = createRouter({ routeTree, context: { queries }, defaultPreload: 'intent', scrollRestoration: true });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
