import { screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { choose, open, eachSignedIn, where } from '@/app/app.test-kit';
import { callsTo, problem, serve } from '@/test-server';

eachSignedIn();

const ana = {
  id: 7,
  phone: '+573001112233',
  name: 'Ana Ruiz',
  reference: 'L-1',
  amount: { minor: 15000000, currency: 'COP', text: '$ 150.000' },
  due_date: '2026-11-30',
  status: 'opted_out',
  tags: ['nov'],
  fields: {},
  created_at: '2026-11-01T00:00:00Z',
  updated_at: '2026-11-01T00:00:00Z',
};
const server = {
  'GET /api/debtors': () => ({ items: [ana], next_cursor: 'c2', total: 51 }),
  'GET /api/debtors/tags': () => ({ items: [{ tag: 'nov', count: 51 }] }),
};

it('keeps the focus and every letter while somebody searches, and asks the server', async () => {
  const calls = serve(server);
  const user = await open('/debtors');
  const box = await screen.findByRole('textbox', { name: /search by name/i });
  await user.type(box, 'an');
  await waitFor(() => expect(where().get('search')).toBe('an'));
  await user.keyboard('a');
  await waitFor(() => expect(where().get('search')).toBe('ana'));
  expect(screen.getByRole('textbox', { name: /search by name/i })).toHaveFocus();
  await waitFor(() => expect(callsTo(calls, 'GET /api/debtors').at(-1)?.query.get('search')).toBe('ana'));
});

it('empties the search box when the filters are cleared', async () => {
  serve({ ...server, 'GET /api/debtors': ({ query }) => ({ items: query.get('search') ? [] : [ana], next_cursor: null, total: 1 }) });
  const user = await open('/debtors?search=zzz');
  await user.click(await screen.findByRole('button', { name: /clear filters/i }));
  await screen.findByText('Ana Ruiz');
  expect(screen.getByRole('textbox', { name: /search by name/i })).toHaveValue('');
});

it('pages by cursor, and starts again at the first page with another filter', async () => {
  const calls = serve(server);
  const user = await open('/debtors');
  await user.click(await screen.findByRole('button', { name: 'Next' }));
  await waitFor(() => expect(callsTo(calls, 'GET /api/debtors').at(-1)?.query.get('cursor')).toBe('c2'));
  await user.type(screen.getByRole('textbox', { name: /search by name/i }), 'x');
  await waitFor(() => expect(where().get('search')).toBe('x'));
  expect(where().has('cursor')).toBe(false);
});

it('asks for the reason to write again to somebody who opted out, and shows the server’s field errors', async () => {
  const calls = serve({
    ...server,
    'PATCH /api/debtors/7': () =>
      problem(422, 'validation', 'Check the fields', [{ pointer: '/phone', code: 'invalid', detail: 'No such phone' }]),
  });
  const user = await open('/debtors');
  await user.click(await screen.findByRole('button', { name: 'Actions for Ana Ruiz' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Edit' }));
  const form = within(await screen.findByRole('dialog'));
  await choose(user, form.getByRole('combobox', { name: 'Status' }), 'Active');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(callsTo(calls, 'PATCH /api/debtors/7')).toHaveLength(0);
  await user.type(screen.getByRole('textbox', { name: /reason/i }), 'Asked in writing');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('No such phone')).toBeVisible();
  expect(callsTo(calls, 'PATCH /api/debtors/7')[0]?.body).toMatchObject({ status: 'active', reason: 'Asked in writing' });
});

it('tells an agent what is there without offering to change it', async () => {
  serve({ ...server, 'GET /api/auth/me': () => ({ id: 2, username: 'leo', name: 'Leo', role: 'agent' }) });
  await open('/debtors');
  await screen.findByText('Ana Ruiz');
  expect(screen.queryByRole('button', { name: 'Add debtor' })).toBeNull();
  expect(screen.queryByRole('button', { name: /actions for/i })).toBeNull();
});
