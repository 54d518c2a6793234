import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { keys } from '@/api/queries';
import { withProgress } from '@/api/socket';
import type { Campaign, CampaignForecast } from '@/api/types';
import { choose, open, eachSignedIn, where } from '@/app/app.test-kit';
import { queries } from '@/app/queries';
import { callsTo, problem, serve } from '@/test-server';
import { campaign, choices, counts, detail, number } from './campaigns.test-kit';

eachSignedIn();

it('moves with the events, and lets go of a state that holds no message any more', async () => {
  serve(detail);
  const user = await open('/campaigns/5?state=sending');
  expect(await screen.findByRole('checkbox', { name: /^Sending/ })).toBeChecked();
  act(() => {
    queries.setQueryData<Campaign>(
      keys.campaign(5),
      (now) =>
        now && withProgress(now, { campaign_id: 5, status: 'running', counts: { ...counts, queued: 0, sending: 0, sent: 4, total: 4 } }),
    );
  });
  await waitFor(() => expect(screen.getByTestId('count-sent')).toHaveTextContent('4'));
  await user.click(screen.getByRole('checkbox', { name: /^Sending/ }));
  await waitFor(() => expect(where().has('state')).toBe(false));
});

it('asks before it cancels, and not before it pauses', async () => {
  const calls = serve({
    ...detail,
    'POST /api/campaigns/5/pause': () => ({ ...campaign, status: 'paused' }),
    'POST /api/campaigns/5/cancel': () => ({ ...campaign, status: 'cancelled' }),
  });
  const user = await open('/campaigns/5');
  await user.click(await screen.findByRole('button', { name: 'Cancel campaign' }));
  const dialog = await screen.findByRole('dialog');
  expect(callsTo(calls, 'POST /api/campaigns/5/cancel')).toHaveLength(0);
  await user.click(within(dialog).getByRole('button', { name: 'Go back' }));
  await user.click(await screen.findByRole('button', { name: 'Pause' }));
  await waitFor(() => expect(callsTo(calls, 'POST /api/campaigns/5/pause')).toHaveLength(1));
  expect(callsTo(calls, 'POST /api/campaigns/5/cancel')).toHaveLength(0);
});

it('launches what was chosen, after it was said how many would get it', async () => {
  const calls = serve({ ...detail, ...choices, 'POST /api/campaigns': () => campaign });
  const user = await open('/campaigns/new');
  await user.type(await screen.findByRole('textbox', { name: /name/i }), ' November ');
  await choose(user, await screen.findByRole('combobox', { name: /pool/i }), 'North');
  await choose(user, await screen.findByRole('combobox', { name: /template/i }), 'Reminder');
  await choose(user, screen.getByRole('combobox', { name: /segment/i }), 'Overdue');
  await waitFor(() => expect(callsTo(calls, 'POST /api/campaigns/audience').at(-1)?.body).toEqual({ tags: [], segment_id: 4 }));
  await waitFor(() => expect(screen.getByTestId('audience-count')).toHaveTextContent('3'));
  await user.click(screen.getByRole('button', { name: 'Launch' }));
  await waitFor(() => expect(window.location.pathname).toBe('/campaigns/5'));
  const sent = callsTo(calls, 'POST /api/campaigns').map(({ body }) => body);
  expect(sent).toEqual([
    expect.objectContaining({
      name: 'November',
      pool_ids: [1],
      template_id: 2,
      audience: { tags: [], segment_id: 4 },
      follow_ups: [],
      start: true,
    }),
  ]);
});

it('lets a follow-up stop at answers and at promises, unless told otherwise', async () => {
  const calls = serve({ ...detail, ...choices, 'POST /api/campaigns': () => campaign });
  const user = await open('/campaigns/new');
  await user.type(await screen.findByRole('textbox', { name: /name/i }), 'November');
  await choose(user, await screen.findByRole('combobox', { name: /pool/i }), 'North');
  await choose(user, await screen.findByRole('combobox', { name: 'Template' }), 'Reminder');
  await user.click(screen.getByRole('button', { name: 'Follow-ups (0)' }));
  for (const number of [2, 3]) {
    await user.click(await screen.findByRole('button', { name: 'Add a follow-up' }));
    await choose(user, await screen.findByRole('combobox', { name: `Message ${number}` }), 'Reminder');
  }
  const promised = screen.getAllByRole('checkbox', { name: 'Not to those who have promised to pay' });
  expect(promised.map((box) => (box as HTMLInputElement).checked)).toEqual([true, true]);
  await user.click(promised[1]!);
  await user.click(screen.getByRole('button', { name: 'Launch' }));
  await waitFor(() => expect(window.location.pathname).toBe('/campaigns/5'));
  const followUp = { template_id: 2, after_minutes: 2880, stop_if_replied: true };
  expect(callsTo(calls, 'POST /api/campaigns')[0]?.body).toMatchObject({
    follow_ups: [
      { ...followUp, stop_if_promised: true },
      { ...followUp, stop_if_promised: false },
    ],
  });
});

it('says why the server refused a campaign, at the field', async () => {
  serve({
    ...choices,
    'POST /api/campaigns': () =>
      problem(409, 'name_taken', 'Choose another name', [{ pointer: '/name', code: 'taken', detail: 'This name is taken' }]),
  });
  const user = await open('/campaigns/new');
  await user.type(await screen.findByRole('textbox', { name: /name/i }), 'November');
  await choose(user, await screen.findByRole('combobox', { name: /pool/i }), 'North');
  await choose(user, await screen.findByRole('combobox', { name: /template/i }), 'Reminder');
  await user.click(screen.getByRole('button', { name: 'Save as draft' }));
  expect(await screen.findByText('This name is taken')).toBeVisible();
  expect(screen.getByRole('alert')).toHaveTextContent('Choose another name');
});

const message = {
  id: 9,
  step: 0,
  debtor: { id: 3, name: 'Luis', phone: '+573001234567' },
  session: { id: 1, name: 'One' },
  state: 'uncertain',
  reason: 'server_stopped',
  body: 'Hola Luis',
  attempts: 1,
  due_at: campaign.created_at,
  sent_at: null,
  delivered_at: null,
  read_at: null,
  updated_at: campaign.created_at,
  history: [
    { at: campaign.created_at, state: 'sending', session_id: 1, reason: null },
    { at: campaign.created_at, state: 'uncertain', session_id: null, reason: 'server_stopped' },
  ],
};

it('tells what happened to a message, and lets a person settle what is in doubt, asking before it goes out again', async () => {
  const calls = serve({
    ...detail,
    'GET /api/campaigns/5/messages': () => ({ items: [message], next_cursor: null }),
    'GET /api/sessions': () => ({ items: [number] }),
    'POST /api/messages/9/finding': () => new Response(null, { status: 204 }),
  });
  const user = await open('/campaigns/5');
  await user.click(await screen.findByRole('button', { name: 'What happened to the message to Luis' }));
  const drawer = await screen.findByRole('dialog');
  expect(within(drawer).getByText(/The server stopped while sending/)).toBeInTheDocument();
  await user.click(within(drawer).getByRole('button', { name: 'It did not arrive: send again' }));
  const question = await screen.findByRole('dialog', { name: 'Send it again?' });
  expect(within(question).getByText('If it did arrive, Luis gets it twice.')).toBeInTheDocument();
  expect(callsTo(calls, 'POST /api/messages/9/finding')).toHaveLength(0);
  await user.click(within(question).getByRole('button', { name: 'It did not arrive: send again' }));
  await waitFor(() => expect(callsTo(calls, 'POST /api/messages/9/finding').map(({ body }) => body)).toEqual([{ finding: 'send_again' }]));
});

it('says why a campaign has stopped by itself, and sends again what failed', async () => {
  const failed = { ...campaign, status: 'finished', pause_reason: null, counts: { ...counts, failed: 2, total: 6 } };
  const calls = serve({
    ...detail,
    'GET /api/campaigns/5': () => failed,
    'POST /api/campaigns/5/retry': () => ({ ...failed, status: 'running', pause_reason: 'too_many_errors: 11/20' }),
  });
  const user = await open('/campaigns/5');
  await user.click(await screen.findByRole('button', { name: 'More actions' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Send again what failed', hidden: true }));
  const dialog = await screen.findByRole('dialog');
  await user.click(within(dialog).getByRole('button', { name: 'Send again what failed' }));
  await waitFor(() => expect(callsTo(calls, 'POST /api/campaigns/5/retry')).toHaveLength(1));
  act(() => void queries.setQueryData(keys.campaign(5), { ...failed, status: 'paused', pause_reason: 'too_many_errors: 11/20' }));
  expect(await screen.findByText(/Too many messages failed: 11\/20/)).toBeInTheDocument();
});

it('shows on request which messages were in doubt', async () => {
  serve(detail);
  const user = await open('/campaigns/5');
  await user.click(await screen.findByRole('checkbox', { name: 'Were in doubt' }));
  await waitFor(() => expect(where().get('doubted')).toBe('true'));
  expect(screen.getByRole('checkbox', { name: 'Were in doubt' })).toBeChecked();
});

it('says above the messages what waits, why and until when', async () => {
  const held = { reason: 'contact_hours', count: 2, until: '2999-01-01T10:00:00Z' };
  const restricted = { reason: 'session_restricted', count: 1, until: null };
  serve({ ...detail, 'GET /api/campaigns/5/waiting': () => ({ items: [restricted, held] }) });
  await open('/campaigns/5');
  expect(await screen.findByText(/^1 wait: WhatsApp restricts this message’s number/)).toBeInTheDocument();
  expect(screen.getByText(/^2 wait: It is not the hour to write to the debtor, from /)).toBeInTheDocument();
});

/** A running campaign whose only hours are tomorrow's. */
const shut = (plan: Partial<Campaign['plan']>) => {
  const tomorrow = new Date(Date.now() + 86_400_000);
  return {
    ...campaign,
    plan: { ...campaign.plan, time_zone: 'UTC', hours: [{ days: [tomorrow.getUTCDay() || 7], from: '09:00', until: '10:00' }], ...plan },
  };
};

it('says that what is left waits for the campaign’s own hours, and when these come again', async () => {
  let forecast: CampaignForecast = { per_minute: 12.4, ends_at: '2999-01-01T10:00:00Z', unsent: 0, unknown: null, until: null };
  serve({ ...detail, 'GET /api/campaigns/5': () => shut({}), 'GET /api/campaigns/5/forecast': () => forecast });
  await open('/campaigns/5');
  expect(
    await screen.findByText(/^Everything that is left waits for the campaign’s own hours: it goes on .* 9:00\sAM$/),
  ).toBeInTheDocument();
  forecast = { per_minute: null, ends_at: null, unsent: 0, unknown: 'closed', until: '2999-01-02T10:00:00Z' };
  act(() => void queries.invalidateQueries({ queryKey: keys.campaignForecast(5) }));
  expect(await screen.findByText(/own hours: it goes on Jan 2, 2999/)).toBeInTheDocument();
});

it('says that the campaign’s own hours do not come again, where its plan ends it before', async () => {
  serve({ ...detail, 'GET /api/campaigns/5': () => shut({ ends_at: new Date(Date.now() + 60_000).toISOString() }) });
  await open('/campaigns/5');
  expect(await screen.findByText(/^The campaign’s own hours do not come again/)).toBeInTheDocument();
});

it('says which of its numbers have sent what they may today, as long as something is left', async () => {
  const caps = { ...number.caps, new_chats_per_day: 30 };
  const capped = { ...number, sent_today: 200 };
  const items = [capped, { ...number, id: 2, name: 'Two', caps, new_chats_today: 30 }, { ...capped, id: 3, name: 'Elsewhere', pools: [] }];
  serve({ ...detail, 'GET /api/sessions': () => ({ items }) });
  await open('/campaigns/5');
  expect(await screen.findByText('One has sent 200 of 200 today')).toBeInTheDocument();
  expect(screen.getByText('Two has opened 30 of 30 new chats today')).toBeInTheDocument();
  expect(screen.queryByText(/^Elsewhere/)).toBeNull();
  act(() => void queries.setQueryData(keys.campaign(5), { ...campaign, status: 'finished' }));
  await waitFor(() => expect(screen.queryByText('One has sent 200 of 200 today')).toBeNull());
});

it('says that nobody knows what waits, and asks again', async () => {
  let answer: () => unknown = () => problem(503, 'unavailable', 'Not now');
  serve({ ...detail, 'GET /api/campaigns/5/waiting': () => answer() });
  const user = await open('/campaigns/5');
  const again = await screen.findByRole('button', { name: 'Try again' });
  answer = () => ({ items: [{ reason: 'contact_hours', count: 2, until: '2999-01-01T10:00:00Z' }] });
  await user.click(again);
  expect(await screen.findByText(/^2 wait: It is not the hour/)).toBeInTheDocument();
});

it('says at once how fast it goes and when it ends, or why nobody can say', async () => {
  let forecast: CampaignForecast = { per_minute: 12.4, ends_at: '2999-01-01T10:00:00Z', unsent: 1200, unknown: null, until: null };
  serve({ ...detail, 'GET /api/campaigns/5/forecast': () => forecast });
  await open('/campaigns/5');
  expect(await screen.findByText('12 a minute')).toBeInTheDocument();
  expect(screen.getByText(/^Jan 1, 2999/)).toBeInTheDocument();
  expect(screen.getByText(/About 1,200 will not have left by then/)).toBeInTheDocument();
  forecast = { per_minute: null, ends_at: null, unsent: 0, unknown: 'closed', until: '2999-01-02T10:00:00Z' };
  act(() => void queries.invalidateQueries({ queryKey: keys.campaignForecast(5) }));
  expect(await screen.findByText(/^It is not the hour to send\. It goes on: Jan 2, 2999/)).toBeInTheDocument();
  expect(screen.getAllByText('Not known')).toHaveLength(2);
});
