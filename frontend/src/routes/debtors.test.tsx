import { screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { choose, open, optionsOf, eachSignedIn, where } from '@/app/app.test-kit';
import { queries } from '@/app/queries';
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
  debt_count: 1,
  fields: {},
  last_heard_at: null,
  last_contact_at: null,
  created_at: '2026-11-01T00:00:00Z',
  updated_at: '2026-11-01T00:00:00Z',
};
/** A full page, so that nobody looks for more. */
const people = Array.from({ length: 50 }, (_, index) => ({ ...ana, id: 7 + index, name: index === 0 ? ana.name : `Debtor ${index}` }));
const overdue = { id: 3, name: 'Overdue', filter: { overdue_from: 30 }, created_at: '', updated_at: '' };
const server = {
  'GET /api/debtors': () => ({ items: [ana], next_cursor: null, total: 51, exact: true }),
  'GET /api/debtors/tags': () => ({ items: [{ tag: 'nov', count: 51 }] }),
  'GET /api/segments': () => ({ items: [overdue] }),
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
  serve({
    ...server,
    'GET /api/debtors': ({ query }) => ({ items: query.get('search') ? [] : [ana], next_cursor: null, total: 1, exact: true }),
  });
  const user = await open('/debtors?search=zzz');
  await user.click(await screen.findByRole('button', { name: /clear filters/i }));
  await screen.findByText('Ana Ruiz');
  expect(screen.getByRole('textbox', { name: /search by name/i })).toHaveValue('');
});

it('pages by cursor, and starts again at the first page with another filter', async () => {
  const calls = serve({ ...server, 'GET /api/debtors': () => ({ items: people, next_cursor: 'c2', total: 51, exact: true }) });
  const user = await open('/debtors');
  await user.click(await screen.findByRole('button', { name: 'Next' }));
  await waitFor(() => expect(callsTo(calls, 'GET /api/debtors').at(-1)?.query.get('cursor')).toBe('c2'));
  await user.type(screen.getByRole('textbox', { name: /search by name/i }), 'x');
  await waitFor(() => expect(where().get('search')).toBe('x'));
  expect(where().has('cursor')).toBe(false);
});

it('goes on where the server has ended until the page is full, and tells an estimate as one', async () => {
  const calls = serve({
    ...server,
    'GET /api/debtors': ({ query }) => {
      const [items, next] = query.get('cursor') === 'c2' ? [[ana], null] : [[], query.get('cursor') ? 'c2' : 'c1'];
      return { items, next_cursor: next, total: 1200, exact: false };
    },
  });
  await open('/debtors?tag=nov');
  await screen.findByText('Ana Ruiz');
  expect(callsTo(calls, 'GET /api/debtors').map(({ query }) => query.get('cursor'))).toEqual([null, 'c1', 'c2']);
  expect(screen.getByTestId('debtor-total')).toHaveTextContent('About 1,200 debtors');
});

it('orders by a column, the other way round, and no more', async () => {
  serve(server);
  const user = await open('/debtors');
  const head = await screen.findByRole('columnheader', { name: 'Amount' });
  expect(head).toHaveAttribute('aria-sort', 'none');
  for (const [sort, descending] of [
    ['amount', 'true'],
    ['amount', 'false'],
    [null, null],
  ] as const) {
    await user.click(within(await screen.findByRole('columnheader', { name: 'Amount' })).getByRole('button'));
    await waitFor(() => expect([where().get('sort'), where().get('descending')]).toEqual([sort, descending]));
  }
});

it('filters by what is owed and for how long, and keeps that in the address', async () => {
  const calls = serve(server);
  const user = await open('/debtors');
  await user.click(await screen.findByRole('button', { name: 'More filters' }));
  const form = within(await screen.findByRole('dialog'));
  const amount = within(form.getByRole('group', { name: 'Amount' }));
  await user.type(amount.getByRole('textbox', { name: 'From' }), '1500');
  await user.click(form.getByRole('button', { name: 'Show' }));
  expect(await form.findByText(/say in which currency/i)).toBeVisible();
  await user.type(amount.getByRole('textbox', { name: 'Currency' }), 'cop');
  await user.type(within(form.getByRole('group', { name: 'Days overdue' })).getByRole('textbox', { name: 'From' }), '30');
  await user.click(form.getByRole('button', { name: 'Show' }));
  await waitFor(() => expect(where().get('overdue_from')).toBe('30'));
  await waitFor(() => expect(callsTo(calls, 'GET /api/debtors').at(-1)?.query.get('overdue_from')).toBe('30'));
  const query = callsTo(calls, 'GET /api/debtors').at(-1)?.query;
  expect(Object.fromEntries(query ?? [])).toMatchObject({ amount_from: '150000', currency: 'COP', overdue_from: '30' });
  expect(screen.getByRole('button', { name: 'More filters (3)' })).toBeVisible();
});

it('offers the fields that debtors have, and takes another that is typed', async () => {
  const names = [
    { name: 'name', example: '', custom: false },
    { name: 'city', example: '', custom: true },
    { name: 'company', example: '', custom: true },
  ];
  serve({ ...server, 'GET /api/templates/variables': () => ({ items: names }) });
  const user = await open('/debtors');
  await user.click(await screen.findByRole('button', { name: 'More filters' }));
  const form = within(await screen.findByRole('dialog'));
  const field = form.getByRole('combobox', { name: 'Field' });
  await user.click(field);
  await waitFor(() => expect(optionsOf(field)).toEqual(['city', 'companyCompany']));
  await choose(user, field, 'city');
  await user.type(form.getByRole('textbox', { name: 'Value' }), 'Cali');
  await user.click(form.getByRole('button', { name: 'Show' }));
  await waitFor(() => expect([where().get('field'), where().get('value')]).toEqual(['city', 'Cali']));
  await user.click(screen.getByRole('button', { name: 'More filters (2)' }));
  const again = within(await screen.findByRole('dialog'));
  await user.clear(again.getByRole('combobox', { name: 'Field' }));
  await user.type(again.getByRole('combobox', { name: 'Field' }), 'zone');
  await user.click(again.getByRole('button', { name: 'Show' }));
  await waitFor(() => expect(where().get('field')).toBe('zone'));
});

it('offers the imports by their files, and keeps one that is too old to be among them', async () => {
  const stored = { id: 3, file_name: 'cartera.csv', status: 'committed', created_at: '2026-11-20T10:00:00Z' };
  const items = [{ ...stored, id: 4, file_name: 'twice.csv', status: 'undone' }, stored];
  serve({ ...server, 'GET /api/debtors/imports': () => ({ items, next_cursor: null }) });
  const user = await open('/debtors?import_id=1');
  await user.click(await screen.findByRole('button', { name: 'More filters (1)' }));
  const form = within(await screen.findByRole('dialog'));
  const box = form.getByRole('combobox', { name: 'Import' });
  await waitFor(() => expect(box).toHaveValue('Import number 1'));
  await user.click(box);
  expect(optionsOf(box)).toEqual([expect.stringMatching(/^cartera.csv · Nov 20, 2026/), 'Import number 1']);
  await user.click(screen.getByText(/^cartera.csv/));
  await user.click(form.getByRole('button', { name: 'Show' }));
  await waitFor(() => expect(where().get('import_id')).toBe('3'));
});

it('takes the number of an import that is not listed, also from those who may not see the list', async () => {
  serve({ ...server, 'GET /api/debtors/imports': () => ({ items: [], next_cursor: null }) });
  const user = await open('/debtors');
  await user.click(await screen.findByRole('button', { name: 'More filters' }));
  let form = within(await screen.findByRole('dialog'));
  await waitFor(() => expect(form.getByRole('combobox', { name: 'Import' })).toBeEnabled());
  await user.type(form.getByRole('combobox', { name: 'Import' }), '12');
  await user.click(await screen.findByText('Import number 12'));
  await user.click(form.getByRole('button', { name: 'Show' }));
  await waitFor(() => expect(where().get('import_id')).toBe('12'));

  serve({ ...server, 'GET /api/debtors/imports': () => problem(403, 'forbidden', 'Not yours') });
  queries.clear();
  await user.click(await screen.findByRole('button', { name: 'More filters (1)' }));
  form = within(await screen.findByRole('dialog'));
  expect(await form.findByRole('textbox', { name: 'Number of the import' })).toHaveValue('12');
});

it('chooses a segment', async () => {
  serve(server);
  const user = await open('/debtors');
  await waitFor(() => expect(screen.getByRole('button', { name: 'Segments' })).toBeEnabled());
  await user.click(screen.getByRole('button', { name: 'Segments' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Overdue' }));
  await waitFor(() => expect(where().get('overdue_from')).toBe('30'));
  expect(await screen.findByRole('button', { name: 'Overdue' })).toBeVisible();
});

it('keeps filters as a new segment, and says why the server refuses its name', async () => {
  const taken = () => problem(409, 'name_taken', 'Taken', [{ pointer: '/name', code: 'taken', detail: 'Another has it' }]);
  const calls = serve({ ...server, 'POST /api/segments': taken });
  const user = await open('/debtors?overdue_from=30&search=ana');
  await waitFor(() => expect(screen.getByRole('button', { name: 'Segments' })).toBeEnabled());
  await user.click(screen.getByRole('button', { name: 'Segments' }));
  await user.click(await screen.findByRole('menuitem', { name: /save these filters/i }));
  const form = within(await screen.findByRole('dialog'));
  await user.type(form.getByRole('textbox', { name: /name of the segment/i }), 'Anas');
  await user.click(form.getByRole('button', { name: 'Save' }));
  expect(await form.findByText('Another has it')).toBeVisible();
  expect(callsTo(calls, 'POST /api/segments')[0]?.body).toEqual({ name: 'Anas', filter: { overdue_from: 30, search: 'ana' } });
});

it('names the segment whose filters are set, and deletes it once asked', async () => {
  const calls = serve({ ...server, 'DELETE /api/segments/3': () => new Response(null, { status: 204 }) });
  const user = await open('/debtors?overdue_from=30');
  await screen.findByText('Ana Ruiz');
  await user.click(await screen.findByRole('button', { name: 'Overdue' }));
  await user.click(await screen.findByRole('menuitem', { name: /^delete/i }));
  await user.click(await screen.findByRole('button', { name: 'Delete' }));
  await waitFor(() => expect(callsTo(calls, 'DELETE /api/segments/3')).toHaveLength(1));
  expect(where().get('overdue_from')).toBe('30');
});

it('gives a segment that was loaded the filters that are set now, once asked', async () => {
  let segment = overdue;
  const calls = serve({
    ...server,
    'GET /api/segments': () => ({ items: [segment] }),
    'PUT /api/segments/3': ({ body }) => (segment = { ...segment, ...(body as object) }),
  });
  const user = await open('/debtors');
  await user.click(await screen.findByRole('button', { name: 'Segments' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Overdue' }));
  await waitFor(() => expect(where().get('segment')).toBe('3'));
  await user.type(screen.getByRole('textbox', { name: /search by name/i }), 'ana');
  await user.click(await screen.findByRole('button', { name: 'Overdue (changed)' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Update “Overdue” with these filters…' }));
  const question = within(await screen.findByRole('dialog'));
  expect(question.getByText(/campaigns .* not begun/i)).toBeVisible();
  await user.click(question.getByRole('button', { name: 'Update' }));
  expect(await screen.findByRole('button', { name: 'Overdue' })).toBeVisible();
  expect(callsTo(calls, 'PUT /api/segments/3')[0]?.body).toEqual({ name: 'Overdue', filter: { overdue_from: 30, search: 'ana' } });
});

it('renames a segment without changing whom it means, and says why a name is refused', async () => {
  let taken = true;
  const calls = serve({
    ...server,
    'PUT /api/segments/3': ({ body }) =>
      taken
        ? problem(409, 'name_taken', 'Taken', [{ pointer: '/name', code: 'taken', detail: 'Another has it' }])
        : { ...overdue, ...(body as object) },
  });
  const user = await open('/debtors?overdue_from=30&search=ana&segment=3');
  await user.click(await screen.findByRole('button', { name: 'Overdue (changed)' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Rename “Overdue”…' }));
  const form = within(await screen.findByRole('dialog'));
  const box = form.getByRole('textbox', { name: /name of the segment/i });
  expect(box).toHaveValue('Overdue');
  await user.clear(box);
  await user.type(box, 'Late{Enter}');
  expect(await form.findByText('Another has it')).toBeVisible();
  taken = false;
  await user.click(form.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(callsTo(calls, 'PUT /api/segments/3').at(-1)?.body).toEqual({ name: 'Late', filter: { overdue_from: 30 } });
});

it('says that the segments cannot be had, and asks for them again', async () => {
  let fails = true;
  serve({ ...server, 'GET /api/segments': () => (fails ? problem(400, 'invalid', 'Out of order') : { items: [overdue] }) });
  const user = await open('/debtors');
  await waitFor(() => expect(screen.getByRole('button', { name: 'Segments' })).toBeEnabled());
  await user.click(screen.getByRole('button', { name: 'Segments' }));
  expect(await screen.findByText('Out of order')).toBeVisible();
  fails = false;
  await user.click(screen.getByRole('menuitem', { name: 'Try again' }));
  expect(await screen.findByRole('menuitem', { name: 'Overdue' })).toBeVisible();
});

it('lets an agent choose a segment and change none', async () => {
  serve({ ...server, 'GET /api/auth/me': () => ({ id: 2, username: 'leo', name: 'Leo', role: 'agent' }) });
  const user = await open('/debtors?overdue_from=60&segment=3');
  await user.click(await screen.findByRole('button', { name: 'Overdue (changed)' }));
  expect((await screen.findAllByRole('menuitem')).map((item) => item.textContent)).toEqual(['Overdue']);
});

it('changes those selected, or all that match', async () => {
  const calls = serve({
    ...server,
    'POST /api/debtors/bulk': ({ body }) =>
      'ids' in (body as object) ? { meant: 1, changed: 1, left_out: 0 } : { meant: 51, changed: 50, left_out: 1 },
  });
  const user = await open('/debtors?tag=nov');
  await user.click(await screen.findByRole('checkbox', { name: 'Select Ana Ruiz' }));
  expect(screen.getByTestId('bulk-whom')).toHaveTextContent('1 selected');
  const act = async (action: string) => {
    await user.click(screen.getByRole('button', { name: 'Change' }));
    await user.click(await screen.findByRole('menuitem', { name: action }));
    return within(await screen.findByRole('dialog'));
  };
  let form = await act('Add a tag');
  await user.type(form.getByRole('textbox', { name: /tag/i }), 'vip');
  await user.click(form.getByRole('button', { name: 'Add a tag' }));
  await waitFor(() => expect(screen.queryByTestId('bulk-whom')).toBeNull());
  await user.click(screen.getByRole('checkbox', { name: 'Select all on this page' }));
  await user.click(screen.getByRole('button', { name: 'Select all 51 that match' }));
  form = await act('Set the status');
  await choose(user, form.getByRole('combobox', { name: /status/i }), 'Paid');
  await user.type(form.getByRole('textbox', { name: /reason/i }), 'Settled');
  await user.click(form.getByRole('button', { name: 'Set the status' }));
  expect(await screen.findByText(/Changed 50 of 51. 1 under a legal stop was left as they are./)).toBeVisible();
  expect(callsTo(calls, 'POST /api/debtors/bulk').map(({ body }) => body)).toEqual([
    { ids: [7], action: { kind: 'add_tag', tag: 'vip' } },
    { filter: { tag: 'nov' }, action: { kind: 'set_status', status: 'paid', reason: 'Settled' } },
  ]);
});

it('says why too many cannot be changed at once, and closes by a button that has a name', async () => {
  const many = () => problem(422, 'validation', 'Too many', [{ pointer: '/ids', code: 'out_of_range', detail: '1–1000' }]);
  serve({ ...server, 'POST /api/debtors/bulk': many });
  const user = await open('/debtors');
  await user.click(await screen.findByRole('checkbox', { name: 'Select Ana Ruiz' }));
  await user.click(screen.getByRole('button', { name: 'Change' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Add a tag' }));
  const form = within(await screen.findByRole('dialog'));
  await user.type(form.getByRole('textbox', { name: /tag/i }), 'vip');
  await user.click(form.getByRole('button', { name: 'Add a tag' }));
  expect(await screen.findByText('Too many')).toBeVisible();
  await user.click(form.getByRole('button', { name: 'Close' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

it('says which tag of a debtor the server refuses', async () => {
  const refused = () => problem(422, 'validation', 'Check', [{ pointer: '/tags/0', code: 'too_long', detail: 'Up to 100 characters' }]);
  serve({ ...server, 'PATCH /api/debtors/7': refused });
  const user = await open('/debtors');
  await user.click(await screen.findByRole('button', { name: 'Actions for Ana Ruiz' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Edit' }));
  await user.click(await screen.findByRole('button', { name: 'Save' }));
  expect(await screen.findByText('Up to 100 characters')).toBeVisible();
});

it('exports what matches', async () => {
  serve(server);
  const user = await open('/debtors?tag=nov&sort=name');
  await user.click(await screen.findByRole('button', { name: 'Export' }));
  expect(await screen.findByRole('menuitem', { name: /as csv/i })).toHaveAttribute('href', '/api/debtors/export.csv?tag=nov');
});

it('says that the order by last message has only those who got one, and means the same with all that match', async () => {
  const calls = serve({ ...server, 'POST /api/debtors/bulk': () => ({ meant: 51, changed: 51, left_out: 0 }) });
  const user = await open('/debtors?tag=nov');
  await user.click(within(await screen.findByRole('columnheader', { name: 'Last message' })).getByRole('button'));
  expect(await screen.findByText(/only those who ever got a message/i)).toBeVisible();
  expect(screen.getByRole('button', { name: 'More filters (1)' })).toBeVisible();
  const list = Object.fromEntries(callsTo(calls, 'GET /api/debtors').at(-1)?.query ?? []);
  expect(list).toMatchObject({ tag: 'nov', contacted: 'true', sort: 'last_contact' });

  await user.click(await screen.findByRole('checkbox', { name: 'Select all on this page' }));
  await user.click(screen.getByRole('button', { name: 'Select all 51 that match' }));
  await user.click(screen.getByRole('button', { name: 'Change' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Add a tag' }));
  const form = within(await screen.findByRole('dialog'));
  await user.type(form.getByRole('textbox', { name: /tag/i }), 'vip');
  await user.click(form.getByRole('button', { name: 'Add a tag' }));
  await waitFor(() => expect(callsTo(calls, 'POST /api/debtors/bulk')).toHaveLength(1));
  expect(callsTo(calls, 'POST /api/debtors/bulk')[0]?.body).toMatchObject({ filter: { tag: 'nov', contacted: true } });

  await user.click(screen.getByRole('button', { name: 'Remove the order' }));
  await waitFor(() => expect([where().get('sort'), where().get('contacted')]).toEqual([null, null]));
  expect(screen.queryByText(/only those who ever got a message/i)).toBeNull();
});

it('exports and keeps as a segment what the order by last message shows', async () => {
  const calls = serve({ ...server, 'POST /api/segments': () => overdue });
  const user = await open('/debtors?sort=last_contact');
  await user.click(await screen.findByRole('button', { name: 'Export' }));
  expect(await screen.findByRole('menuitem', { name: /as csv/i })).toHaveAttribute('href', '/api/debtors/export.csv?contacted=true');
  await user.keyboard('{Escape}');
  await user.click(screen.getByRole('button', { name: 'Segments' }));
  await user.click(await screen.findByRole('menuitem', { name: /save these filters/i }));
  const form = within(await screen.findByRole('dialog'));
  await user.type(form.getByRole('textbox', { name: /name of the segment/i }), 'Written to');
  await user.click(form.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(callsTo(calls, 'POST /api/segments')[0]?.body).toEqual({ name: 'Written to', filter: { contacted: true } }));
});

it('does not order by last message those who never got one', async () => {
  const calls = serve(server);
  await open('/debtors?sort=last_contact&contacted=false');
  const head = await screen.findByRole('columnheader', { name: 'Last message' });
  expect(within(head).queryByRole('button')).toBeNull();
  expect(Object.fromEntries(callsTo(calls, 'GET /api/debtors').at(-1)?.query ?? [])).toEqual({ contacted: 'false', limit: '50' });
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
  for (const name of ['Add debtor', /actions for/i, 'Export']) expect(screen.queryByRole('button', { name })).toBeNull();
  expect(screen.queryByRole('checkbox')).toBeNull();
});
