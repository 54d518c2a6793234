import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { debtorStatuses } from '@/lib/statuses';
import { shellRoute } from './shell';

// What an address says that is no filter is left out.
const text = z.string().optional().catch(undefined);
const whole = z.number().int().optional().catch(undefined);
const truth = z.boolean().optional().catch(undefined);
const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .optional()
  .catch(undefined);

const debtorSearch = z
  .object({
    search: text,
    tag: text,
    status: z
      .string()
      .refine((list) => list.split(',').every((status) => (debtorStatuses as readonly string[]).includes(status)))
      .optional()
      .catch(undefined),
    import_id: whole,
    currency: text,
    amount_from: whole,
    amount_until: whole,
    overdue_from: whole,
    overdue_until: whole,
    field: text,
    value: text,
    contacted: truth,
    contacted_from: day,
    contacted_until: day,
    replied: truth,
    segment: whole,
    sort: z.enum(['created', 'name', 'amount', 'due_date', 'last_contact']).optional().catch(undefined),
    descending: truth,
    cursor: text,
  })
  // Of those who never got a message none was the last.
  .transform((search) =>
    search.sort === 'last_contact' && search.contacted === false
      ? { ...search, sort: undefined, descending: undefined, cursor: undefined }
      : search,
  );

export const debtorsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/debtors',
  validateSearch: debtorSearch,
  component: lazyRouteComponent(() => import('@/features/debtors/debtors-page'), 'DebtorsPage'),
});

const byId = {
  parse: ({ id }: { id: string }) => ({ id: z.coerce.number().int().parse(id) }),
  stringify: ({ id }: { id: number }) => ({ id: String(id) }),
};

export const newImportRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/debtors/import',
  component: lazyRouteComponent(() => import('@/features/imports/new-import-page'), 'NewImportPage'),
});

export const importsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/debtors/imports',
  component: lazyRouteComponent(() => import('@/features/imports/imports-page'), 'ImportsPage'),
});

export const importRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/debtors/imports/$id',
  params: byId,
  component: lazyRouteComponent(() => import('@/features/imports/import-page'), 'ImportPage'),
});

export const debtorRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/debtors/$id',
  params: byId,
  component: lazyRouteComponent(() => import('@/features/debtors/debtor-page'), 'DebtorPage'),
});
