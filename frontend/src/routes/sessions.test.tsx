import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { eachSignedIn, open } from '@/app/app.test-kit';
import { callsTo, problem, serve } from '@/test-server';

eachSignedIn();

const caps = {
  per_minute: null,
  per_hour: null,
  per_day: 40,
  new_chats_per_day: 10,
  warm_up: { since: '2026-11-01T12:00:00Z', first_day: 20, growth_percent: 30 },
};
const session = {
  id: 1,
  name: 'One',
  phone: '+573001234567',
  status: 'online',
  status_reason: null,
  desired: 'running',
  delay_min_ms: 4000,
  delay_max_ms: 12000,
  pools: [],
  caps,
  sent_today: 12,
  new_chats_today: 3,
  health: {
    since: new Date(Date.now() - 125_000).toISOString(),
    restarts: 2,
    last_beat: new Date().toISOString(),
    memory_bytes: 157_286_400,
    cpu: 0.021,
    diagnosed: '2026-11-20T12:00:00Z',
  },
};

it('shows what a number has sent in the day, and changes its limits and since when it warms up', async () => {
  const calls = serve({ 'GET /api/sessions': () => ({ items: [session] }), 'PATCH /api/sessions/1': () => session });
  const user = await open('/sessions');
  expect(await screen.findByRole('progressbar', { name: 'Today 12 of 40 · new chats 3 of 10' })).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Actions for One' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Edit', hidden: true }));
  const dialog = await screen.findByRole('dialog');
  await user.click(within(dialog).getByRole('button', { name: 'Limits and warm-up' }));
  await user.type(within(dialog).getByRole('textbox', { name: 'A minute', hidden: true }), '5');
  fireEvent.change(within(dialog).getByLabelText('Since'), { target: { value: '2026-11-10' } });
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  const since = new Date('2026-11-10T00:00').toISOString();
  await waitFor(() =>
    expect(callsTo(calls, 'PATCH /api/sessions/1')[0]?.body).toMatchObject({
      caps: { ...caps, per_minute: 5, warm_up: { ...caps.warm_up, since } },
    }),
  );
});

it('tells how a number is, checks it, and shows what was seen when it broke', async () => {
  const probes = [
    { part: 'browser', is_fine: true, found: 'Chromium/156', took_ms: 3 },
    { part: 'page', is_fine: true, found: '2.3000', took_ms: 9 },
    { part: 'bridge', is_fine: false, found: 'WAWebCmd', took_ms: 9 },
  ];
  const failure = { at: '2026-11-20T12:00:00Z', reason: 'page_crashed', console: ['error: out of memory'], has_picture: true };
  const calls = serve({
    'GET /api/sessions': () => ({ items: [session] }),
    'POST /api/sessions/1/check': () => ({ items: probes }),
    'GET /api/sessions/1/diagnosis': () => failure,
    'POST /api/sessions/1/diagnosis/picture': () => new Response('picture', { headers: { 'content-type': 'image/jpeg' } }),
  });
  const user = await open('/sessions');
  expect(await screen.findByText('2 minutes ago · 150 MB')).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Actions for One' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Health', hidden: true }));
  const drawer = within(await screen.findByRole('dialog', { name: 'Health of One' }));
  expect(drawer.getByText('2.1%')).toBeInTheDocument();
  expect(await drawer.findByText('WhatsApp’s page crashed.')).toBeInTheDocument();
  expect(drawer.getByText('error: out of memory')).toBeInTheDocument();
  await user.click(drawer.getByRole('button', { name: 'Check now' }));
  expect(await drawer.findByText('WhatsApp’s modules: not fine')).toBeInTheDocument();
  expect(drawer.getByText('WAWebCmd · 9 ms')).toBeInTheDocument();
  expect(callsTo(calls, 'POST /api/sessions/1/diagnosis/picture')).toHaveLength(0);
  await user.click(drawer.getByRole('button', { name: 'Look at its screen of then' }));
  expect(await drawer.findByRole('img', { name: 'The screen of the number' })).toHaveAttribute('src', expect.stringMatching(/^data:image/));
});

it('says what to do on the phone where WhatsApp asks for a passkey', async () => {
  const asked = { ...session, phone: null, status: 'action_required', status_reason: 'passkey' };
  serve({ 'GET /api/sessions': () => ({ items: [asked] }) });
  await open('/sessions');
  const card = within(await screen.findByRole('article', { name: 'One' }));
  expect(card.getByText(/Settings → Account → Passkeys/)).toBeVisible();
  expect(card.getByRole('button', { name: 'Restart' })).toBeVisible();
});

it('restarts all numbers once somebody has confirmed it, and says which was refused', async () => {
  const two = { ...session, id: 2, name: 'Two' };
  const calls = serve({
    'GET /api/sessions': () => ({ items: [session, two] }),
    'POST /api/sessions/1/restart': () => session,
    'POST /api/sessions/2/restart': () => problem(409, 'in_use', 'It is in use.'),
  });
  const user = await open('/sessions');
  await user.click(await screen.findByRole('button', { name: 'All numbers' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Restart 2', hidden: true }));
  expect(calls.filter(({ method }) => method === 'POST')).toHaveLength(0);
  await user.click(await screen.findByRole('button', { name: 'Restart 2' }));
  expect(await screen.findByText('It is in use.')).toBeInTheDocument();
  expect(callsTo(calls, 'POST /api/sessions/1/restart')).toHaveLength(1);
});

it('shows every code that waits on one wall', async () => {
  const waiting = { ...session, id: 2, name: 'Two', status: 'unpaired', phone: null };
  serve({ 'GET /api/sessions': () => ({ items: [session, waiting] }) });
  const user = await open('/sessions');
  await user.click(await screen.findByRole('button', { name: 'All numbers' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Wall of QR codes', hidden: true }));
  const wall = within(await screen.findByRole('dialog', { name: 'Connect numbers' }));
  expect(wall.getByRole('article', { name: 'Two' })).toBeInTheDocument();
  expect(wall.queryByRole('article', { name: 'One' })).not.toBeInTheDocument();
});

it('links by a code for who cannot scan, and says when the phone is wrong', async () => {
  const waiting = { ...session, status: 'unpaired', phone: null };
  const inThreeMinutes = new Date(Date.now() + 180_000).toISOString();
  const calls = serve({
    'GET /api/sessions': () => ({ items: [waiting] }),
    'GET /api/sessions/1/qr': () => ({ session_id: 1, qr: 'a,b,c,d,e', image: 'data:,', expires_at: inThreeMinutes }),
    'POST /api/sessions/1/linking-code': ({ body }) =>
      (body as { phone: string }).phone === '12'
        ? problem(422, 'validation', 'Check the fields.', [{ pointer: '/phone', code: 'invalid_phone', detail: 'Not a phone.' }])
        : { code: 'ABCD1234', expires_at: inThreeMinutes },
  });
  const user = await open('/sessions');
  await user.click(await screen.findByRole('button', { name: 'Link with a code instead' }));
  const phone = screen.getByRole('textbox', { name: /The phone of this account/ });
  await user.type(phone, '12');
  await user.click(screen.getByRole('button', { name: 'Show the code' }));
  expect(await screen.findByText('Not a phone.')).toBeInTheDocument();
  await user.clear(phone);
  await user.type(phone, '+57 300 000 0001');
  await user.click(screen.getByRole('button', { name: 'Show the code' }));
  expect(await screen.findByTestId('linking-code')).toHaveTextContent('ABCD-1234');
  expect(callsTo(calls, 'POST /api/sessions/1/linking-code')).toHaveLength(2);
});

it('speaks of a number’s status when it changes, and not of the time that passes', async () => {
  serve({ 'GET /api/sessions': () => ({ items: [session] }) });
  await open('/sessions');
  const card = await screen.findByRole('article', { name: 'One' });
  const spoken = card.querySelectorAll('[aria-live]');
  expect([...spoken].map(({ textContent }) => textContent)).toEqual(['Online']);
});

it('says why a code cannot be had, and asks again', async () => {
  let answer: () => unknown = () => problem(400, 'bad', 'No code now');
  serve({
    'GET /api/sessions': () => ({ items: [{ ...session, status: 'unpaired' }] }),
    'GET /api/sessions/1/qr': () => answer(),
  });
  const user = await open('/sessions');
  expect(await screen.findByText('No code now')).toBeVisible();
  answer = () => problem(404, 'not_found', 'None');
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('Waiting for WhatsApp’s code…')).toBeVisible();
});

it('unfolds the limits where the server refuses one of them', async () => {
  const errors = [{ pointer: '/caps/per_day', code: 'out_of_range', detail: 'It is not 1 to 100000' }];
  serve({
    'GET /api/sessions': () => ({ items: [session] }),
    'PATCH /api/sessions/1': () => problem(422, 'validation', 'Look at the fields', errors),
  });
  const user = await open('/sessions');
  await user.click(await screen.findByRole('button', { name: 'Actions for One' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Edit', hidden: true }));
  const dialog = await screen.findByRole('dialog');
  const limits = within(dialog).getByRole('button', { name: 'Limits and warm-up' });
  expect(limits).toHaveAttribute('aria-expanded', 'false');
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  expect(await within(dialog).findByText('It is not 1 to 100000')).toBeInTheDocument();
  expect(limits).toHaveAttribute('aria-expanded', 'true');
});

it('asks before it stops one number in words for one', async () => {
  serve({ 'GET /api/sessions': () => ({ items: [session] }) });
  const user = await open('/sessions');
  await user.click(await screen.findByRole('button', { name: 'All numbers' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Stop 1', hidden: true }));
  expect(await screen.findByRole('dialog', { name: 'Stop 1 number?' })).toBeInTheDocument();
});
