import { screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { eachSignedIn, open } from '@/app/app.test-kit';
import { callsTo, problem, serve } from '@/test-server';

eachSignedIn();

const at = '2026-11-01T00:00:00Z';
const debt = {
  id: 4,
  reference: 'TC-9',
  amount: { minor: 48_000_000, currency: 'COP', text: '$ 480.000' },
  due_date: '2026-10-01',
  days_overdue: 1200,
  import: { id: 1, name: 'nov.xlsx' },
  created_at: at,
  updated_at: at,
};
const other = { ...debt, id: 5, reference: null, due_date: null, days_overdue: null, import: null };
const ana = {
  id: 7,
  phone: '+573001112233',
  name: 'Ana Ruiz',
  reference: 'TC-9',
  amount: { minor: 96_000_000, currency: 'COP', text: '$ 960.000' },
  due_date: '2026-10-01',
  debt_count: 2,
  debts: [debt, other],
  status: 'active',
  tags: [],
  fields: {},
  last_heard_at: null,
  created_at: at,
  updated_at: at,
};
const server = {
  'GET /api/debtors/7': () => ana,
  'GET /api/debtors/7/standing': () => ({ suppression: null, last_contact_at: null, promises: [], import: null }),
  'GET /api/debtors/7/timeline': () => ({ items: [], next_cursor: null }),
};
const card = async () => within(await screen.findByRole('region', { name: 'Debts' }));

it('lists what they owe, how long it is overdue, and the sum', async () => {
  serve(server);
  await open('/debtors/7');
  const rows = (await card()).getAllByRole('row');
  expect(rows.map((row) => row.textContent)).toEqual([
    'ReferenceAmountDue date',
    'TC-9nov.xlsx$ 480.000Oct 1, 20261,200 days overdue',
    '—$ 480.000—',
    'Total$ 960.000',
  ]);
});

it('says why there is no sum, and when there is no debt', async () => {
  let answer: object = { ...ana, amount: null };
  serve({ ...server, 'GET /api/debtors/7': () => answer, 'DELETE /api/debts/4': () => new Response(null, { status: 204 }) });
  const user = await open('/debtors/7');
  const debts = await card();
  expect(debts.getByText(/^No sum: an amount is missing/)).toBeVisible();

  await user.click(debts.getByRole('button', { name: 'Actions for the debt TC-9' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Delete' }));
  const asked = within(await screen.findByRole('dialog', { name: 'Delete the debt TC-9?' }));
  answer = { ...ana, amount: null, debt_count: 0, debts: [] };
  await user.click(asked.getByRole('button', { name: 'Delete' }));
  expect(await debts.findByText('No debt is on record.')).toBeVisible();
});

it('adds a debt, and says which field is wrong', async () => {
  let taken = true;
  const calls = serve({
    ...server,
    'POST /api/debtors/7/debts': () =>
      taken ? problem(409, 'reference_taken', 'Taken', [{ pointer: '/reference', code: 'taken', detail: 'It is taken.' }]) : debt,
  });
  const user = await open('/debtors/7');
  await user.click((await card()).getByRole('button', { name: 'Add a debt' }));
  const form = within(await screen.findByRole('dialog'));
  await user.click(form.getByRole('button', { name: 'Save' }));
  expect(await form.findByText(/^Write at least the reference/)).toBeVisible();
  await user.type(form.getByRole('textbox', { name: 'Reference' }), 'TC-9');
  await user.type(form.getByRole('textbox', { name: 'Amount' }), '500');
  await user.click(form.getByRole('button', { name: 'Save' }));
  expect(await form.findByText('It is taken.')).toBeVisible();
  taken = false;
  await user.type(form.getByLabelText('Due date'), '2026-12-24');
  await user.click(form.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  const body = { reference: 'TC-9', amount: { minor: 50_000, currency: 'COP' }, due_date: '2026-12-24' };
  expect(callsTo(calls, 'POST /api/debtors/7/debts')[1]?.body).toEqual(body);
});

it('changes a debt, also to one without an amount', async () => {
  const calls = serve({ ...server, 'PATCH /api/debts/4': () => debt });
  const user = await open('/debtors/7');
  await user.click((await card()).getByRole('button', { name: 'Actions for the debt TC-9' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Edit' }));
  const form = within(await screen.findByRole('dialog', { name: 'Change the debt' }));
  expect(form.getByRole('textbox', { name: 'Amount' })).toHaveValue('480 000');
  await user.clear(form.getByRole('textbox', { name: 'Amount' }));
  await user.click(form.getByRole('button', { name: 'Save' }));
  const body = { reference: 'TC-9', amount: null, due_date: '2026-10-01' };
  await waitFor(() => expect(callsTo(calls, 'PATCH /api/debts/4')[0]?.body).toEqual(body));
});

it('leaves the debts of who has several out of the form of the debtor', async () => {
  const calls = serve({ ...server, 'PATCH /api/debtors/7': () => ana });
  const user = await open('/debtors/7');
  await user.click(await screen.findByRole('button', { name: 'Edit' }));
  const form = within(await screen.findByRole('dialog', { name: 'Edit debtor' }));
  expect(form.getByText(/^There are 2 debts/)).toBeVisible();
  expect(form.queryByRole('textbox', { name: 'Amount' })).toBeNull();
  await user.click(form.getByRole('button', { name: 'Save' }));
  const body = { phone: ana.phone, name: ana.name, status: 'active', tags: [] };
  await waitFor(() => expect(callsTo(calls, 'PATCH /api/debtors/7')[0]?.body).toEqual(body));
});

it('shows an agent the debts, and no way to change them', async () => {
  serve({ ...server, 'GET /api/auth/me': () => ({ id: 2, username: 'leo', name: 'Leo', role: 'agent' }) });
  await open('/debtors/7');
  const debts = await card();
  expect(debts.getByText('$ 960.000')).toBeVisible();
  await waitFor(() => expect(debts.queryByRole('button')).toBeNull());
});
