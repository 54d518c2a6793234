import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { eachSignedIn, open } from '@/app/app.test-kit';
import { callsTo, problem, serve } from '@/test-server';

eachSignedIn();

const ana = {
  id: 7,
  phone: '+573001112233',
  name: 'Ana Ruiz',
  reference: 'L-1',
  amount: { minor: 15000000, currency: 'COP', text: '$ 150.000' },
  due_date: '2026-11-30',
  debt_count: 0,
  debts: [],
  status: 'active',
  tags: ['nov'],
  fields: { city: 'Cali' },
  last_heard_at: null,
  created_at: '2026-11-01T00:00:00Z',
  updated_at: '2026-11-01T00:00:00Z',
};
const promise = {
  id: 4,
  amount: { minor: 5000000, currency: 'COP', text: '$ 50.000' },
  due_date: '2026-12-01',
  status: 'open',
  late: true,
  created_by: { id: 1, name: 'Ana' },
  created_at: '2026-11-20T00:00:00Z',
  closed_at: null,
};
const at = '2026-11-20T10:00:00Z';
const message = {
  kind: 'message',
  campaign: { id: 2, name: 'November' },
  step: 0,
  state: 'suppressed',
  reason: 'suppressed_number',
  body: null,
  session: 'Number 1',
};
const events = [
  { at, id: 1, what: { kind: 'status', status: 'disputed', author: 'Leo', reason: 'Says it is paid' } },
  { at, id: 1, what: { kind: 'inbound', session: 'Number 1', body: 'Ya pagué', file: null } },
  { at, id: 1, what: message },
];
const server = {
  'GET /api/debtors/7': () => ana,
  'GET /api/debtors/7/standing': () => ({
    suppression: null,
    last_contact_at: null,
    promises: [promise],
    import: { id: 1, name: 'nov.xlsx' },
  }),
  'GET /api/debtors/7/timeline': () => ({ items: events, next_cursor: null }),
};

it('shows who it is and all that happened', async () => {
  serve(server);
  await open('/debtors/7');
  expect(await screen.findByRole('heading', { name: 'Ana Ruiz' })).toBeVisible();
  const facts = within(screen.getByRole('table', { name: 'Details' }));
  expect(await facts.findByText('nov.xlsx')).toBeVisible();
  expect(facts.getByText('Cali')).toBeVisible();
  const line = within(screen.getByRole('region', { name: 'What happened' }));
  expect(await line.findByText('Status: Disputed')).toBeVisible();
  expect(line.getByText('Says it is paid')).toBeVisible();
  expect(line.getByText('Ya pagué')).toBeVisible();
  expect(line.getByRole('link', { name: 'November' })).toHaveAttribute('href', '/campaigns/2');
});

it('says that it does not know whether they may be written to, rather than that they may', async () => {
  serve({ ...server, 'GET /api/debtors/7/standing': () => problem(422, 'validation', 'Out of order') });
  await open('/debtors/7');
  const alerts = await screen.findAllByText('Out of order');
  expect(alerts.some((alert) => !screen.getByRole('region', { name: 'Promises to pay' }).contains(alert))).toBe(true);
  expect(screen.queryByRole('button', { name: 'Never write to them' })).toBeNull();
  const facts = within(screen.getByRole('table', { name: 'Details' }));
  expect(facts.queryByText('Last message')).toBeNull();
});

it('shows the files that they sent, and says what became of the others', async () => {
  const media = (id: number, kind: string, file_name = '') => ({ id, kind, mime_type: 'x/y', file_name, size: 2048, created_at: at });
  const inbound = (id: number, file: object) => ({ at, id, what: { kind: 'inbound', session: 'Number 1', body: '', file } });
  const kept = (id: number, kind: string, file_name?: string) => inbound(id, { kind, state: 'kept', media: media(id, kind, file_name) });
  const items = [
    kept(1, 'image'),
    kept(2, 'audio'),
    kept(3, 'video'),
    kept(4, 'document', 'recibo.pdf'),
    inbound(5, { kind: 'image', state: 'waiting', media: null }),
    inbound(6, { kind: 'video', state: 'gone', media: null }),
    inbound(7, { kind: 'video', state: 'too_large', media: null }),
  ];
  serve({ ...server, 'GET /api/debtors/7/timeline': () => ({ items, next_cursor: null }) });
  const user = await open('/debtors/7');
  const line = within(await screen.findByRole('region', { name: 'What happened' }));
  const thumbnail = await line.findByRole('img', { name: /^Picture that Ana Ruiz sent, Nov 20, 2026/ });
  expect(thumbnail).toHaveAttribute('src', '/api/media/1');
  expect(line.getByLabelText(/^Sound that Ana Ruiz sent/)).toHaveAttribute('src', '/api/media/2');
  expect(line.getByLabelText(/^Video that Ana Ruiz sent/)).toHaveAttribute('controls');
  expect(line.getByRole('link', { name: /^Document “recibo.pdf” that Ana Ruiz sent/ })).toHaveAttribute('download', 'recibo.pdf');
  expect(line.getByText('Picture: still being fetched.')).toBeVisible();
  expect(line.getByText('Video: could not be fetched. WhatsApp does not have it any more.')).toBeVisible();
  expect(line.getByText(/larger than what is kept/)).toBeVisible();

  await user.click(line.getByRole('button', { name: /^Open: Picture/ }));
  const large = within(await screen.findByRole('dialog', { name: /^Picture that Ana Ruiz sent/ }));
  expect(large.getByRole('img')).toHaveAttribute('src', '/api/media/1');
  // A picture in a format that browsers do not know.
  fireEvent.error(thumbnail);
  expect(await line.findByRole('link', { name: /^Picture that Ana Ruiz sent/ })).toHaveAttribute('href', '/api/media/1');
});

it('takes notes, and keeps the words when that fails', async () => {
  let fails = true;
  const calls = serve({
    ...server,
    'POST /api/debtors/7/notes': () => (fails ? problem(503, 'unavailable', 'Try later') : new Response(null, { status: 204 })),
  });
  const user = await open('/debtors/7');
  const box = await screen.findByRole('textbox', { name: 'Note' });
  await user.type(box, 'Called');
  await user.click(screen.getByRole('button', { name: 'Add note' }));
  expect(await screen.findByText('Try later')).toBeVisible();
  expect(box).toHaveValue('Called');
  fails = false;
  const read = callsTo(calls, 'GET /api/debtors/7/timeline').length;
  await user.click(screen.getByRole('button', { name: 'Add note' }));
  await waitFor(() => expect(box).toHaveValue(''));
  expect(callsTo(calls, 'POST /api/debtors/7/notes')[1]?.body).toEqual({ body: 'Called' });
  await waitFor(() => expect(callsTo(calls, 'GET /api/debtors/7/timeline').length).toBeGreaterThan(read));
});

it('notes a promise and what became of one', async () => {
  const calls = serve({ ...server, 'POST /api/debtors/7/promises': () => promise, 'PATCH /api/promises/4': () => promise });
  const user = await open('/debtors/7');
  await screen.findByRole('heading', { name: 'Ana Ruiz' });
  const open4 = within(await screen.findByRole('group', { name: /promise of ana ruiz/i }));
  expect(open4.getByText('Late')).toBeVisible();
  await user.click(open4.getByRole('button', { name: 'Kept' }));
  await waitFor(() => expect(callsTo(calls, 'PATCH /api/promises/4')[0]?.body).toEqual({ status: 'kept' }));
  await user.click(screen.getByRole('button', { name: 'Add a promise' }));
  const form = within(await screen.findByRole('dialog'));
  await user.type(form.getByLabelText(/they pay by/i), '2026-12-24');
  await user.type(form.getByRole('textbox', { name: /amount/i }), '500');
  await user.click(form.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(callsTo(calls, 'POST /api/debtors/7/promises')).toHaveLength(1));
  const body = { amount: { minor: 50_000, currency: 'COP' }, due_date: '2026-12-24' };
  expect(callsTo(calls, 'POST /api/debtors/7/promises')[0]?.body).toEqual(body);
});

it('puts the number on the suppression list for a reason', async () => {
  const calls = serve({ ...server, 'POST /api/suppressions': () => new Response(null, { status: 204 }) });
  const user = await open('/debtors/7');
  await user.click(await screen.findByRole('button', { name: 'Never write to them' }));
  const form = within(await screen.findByRole('dialog'));
  await user.type(form.getByRole('textbox', { name: /reason/i }), 'court order');
  await user.click(form.getByRole('button', { name: 'Never write to them' }));
  await waitFor(() => expect(callsTo(calls, 'POST /api/suppressions')[0]?.body).toEqual({ phone: ana.phone, reason: 'court order' }));
});

it('lets an agent note and promise, and nothing else', async () => {
  serve({
    ...server,
    'GET /api/auth/me': () => ({ id: 2, username: 'leo', name: 'Leo', role: 'agent' }),
    'GET /api/debtors/7/timeline': () => ({ items: [], next_cursor: null }),
  });
  await open('/debtors/7');
  expect(await screen.findByText('Nothing has happened yet.')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Add a promise' })).toBeVisible();
  for (const name of ['Edit', 'Never write to them']) expect(screen.queryByRole('button', { name })).toBeNull();
});

it('says when there is no such debtor, or no right to see them', async () => {
  serve({ ...server, 'GET /api/debtors/7': () => problem(403, 'forbidden', 'No') });
  await open('/debtors/7');
  expect(await screen.findByText(/do not have access/i)).toBeVisible();
});

it('tells of the suppression list, of debts and of imports', async () => {
  const happened = [
    { kind: 'suppression', lifted: false, author: 'Leo', reason: 'court order' },
    { kind: 'debt', change: 'changed', reference: 'TC-1', changed: ['amount', 'due_date'], author: 'Leo' },
    { kind: 'second_phone', author: 'Leo' },
    {
      kind: 'import',
      import: { id: 3, name: 'dic.csv' },
      changes: [{ what: 'name', of: null, before: 'Ana', after: 'Ana Ruiz' }],
    },
  ];
  const items = happened.map((what, id) => ({ at, id, what }));
  serve({ ...server, 'GET /api/debtors/7/timeline': () => ({ items, next_cursor: null }) });
  await open('/debtors/7');
  const line = within(await screen.findByRole('region', { name: 'What happened' }));
  expect(await line.findByText('Put on the list: never written to')).toBeVisible();
  expect(line.getByText('court order')).toBeVisible();
  expect(line.getByText('Debt changed: TC-1')).toBeVisible();
  expect(line.getByText(/Leo · Amount, Due date$/)).toBeVisible();
  expect(line.getByText('The second phone is the first now')).toBeVisible();
  expect(line.getByRole('link', { name: 'dic.csv' })).toHaveAttribute('href', '/debtors/imports/3');
  expect(line.getByText('Ana Ruiz')).toBeVisible();
});

it('offers the second phone in the place of a wrong one, after asking', async () => {
  const wrong = { ...ana, status: 'wrong_number', fields: { second_phone: '+573009998877' } };
  const calls = serve({
    ...server,
    'GET /api/debtors/7': () => wrong,
    'POST /api/debtors/7/second-phone': () => ({ ...wrong, phone: '+573009998877' }),
  });
  const user = await open('/debtors/7');
  const note = within(await screen.findByRole('alert', { name: 'This number is wrong' }));
  expect(note.getByText('There is a second one: +57 300 999 8877.')).toBeVisible();
  await user.click(note.getByRole('button', { name: /^Use the second phone/ }));
  const question = within(await screen.findByRole('dialog'));
  expect(question.getByText(/The debtor is active again/)).toBeVisible();
  await user.click(question.getByRole('button', { name: 'Use it' }));
  await waitFor(() => expect(callsTo(calls, 'POST /api/debtors/7/second-phone')).toHaveLength(1));
});

it('offers no second phone where there is none', async () => {
  serve({ ...server });
  await open('/debtors/7');
  expect(await screen.findByRole('heading', { name: 'Ana Ruiz' })).toBeVisible();
  expect(screen.queryByRole('button', { name: /second phone/ })).toBeNull();
});
