import { act, screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { keys } from '@/api/queries';
import type { Campaign } from '@/api/types';
import { choose, eachSignedIn, open } from '@/app/app.test-kit';
import { queries } from '@/app/queries';
import { callsTo, problem, serve } from '@/test-server';
import { campaign, choices, detail } from './campaigns.test-kit';

eachSignedIn();

const paused: Campaign = { ...campaign, status: 'paused', pause_reason: 'too_many_errors: 11/20' };
const draft: Campaign = {
  ...campaign,
  status: 'draft',
  started_at: null,
  follow_ups: [{ template_id: 2, after_minutes: 90, stop_if_replied: true, stop_if_promised: false }],
};
const editing = (of: Campaign) => ({ ...detail, ...choices, 'GET /api/campaigns/5': () => of });

it('changes the limit of a campaign that was paused for its errors, and nothing that is frozen', async () => {
  const calls = serve({ ...editing(paused), 'PATCH /api/campaigns/5': () => paused });
  const user = await open('/campaigns/5');
  await user.click(await screen.findByRole('link', { name: 'Change its limit' }));
  expect(await screen.findByRole('heading', { level: 1, name: 'Edit “November”' })).toBeInTheDocument();
  for (const frozen of ['Template', 'To whom', 'Segment']) {
    const field = await screen.findByRole('combobox', { name: frozen });
    expect(field).toBeDisabled();
    expect(field).toHaveAccessibleDescription('Frozen when it was launched.');
  }
  expect(screen.getByLabelText('Begins')).toBeDisabled();
  expect(screen.queryByRole('button', { name: 'Add a follow-up' })).not.toBeInTheDocument();
  const limit = screen.getByRole('textbox', { name: 'Pause at errors' });
  await user.clear(limit);
  await user.type(limit, '60');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(window.location.pathname).toBe('/campaigns/5'));
  const plan = { ...campaign.plan, max_error_percent: 60 };
  expect(callsTo(calls, 'PATCH /api/campaigns/5').map(({ body }) => body)).toEqual([{ name: 'November', pool_ids: [1], plan }]);
});

it('changes all of a draft, and keeps what was not touched', async () => {
  const calls = serve({ ...editing(draft), 'PATCH /api/campaigns/5': () => draft });
  const user = await open('/campaigns/5');
  await user.click(await screen.findByRole('button', { name: 'More actions' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Edit', hidden: true }));
  await choose(user, await screen.findByRole('combobox', { name: 'Segment' }), 'Overdue');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(callsTo(calls, 'PATCH /api/campaigns/5')).toHaveLength(1));
  expect(callsTo(calls, 'PATCH /api/campaigns/5')[0]?.body).toEqual({
    name: 'November',
    pool_ids: [1],
    template_id: 2,
    audience: { tags: ['nov'], segment_id: 4 },
    plan: campaign.plan,
    follow_ups: draft.follow_ups,
  });
});

it('shows what the server refuses at its field, also where that is folded away', async () => {
  const errors = [
    { pointer: '/plan/max_error_percent', code: 'out_of_range', detail: 'It is not 1 to 100' },
    { pointer: '/pool_ids/0', code: 'unknown', detail: 'There is no such pool' },
  ];
  serve({ ...editing(paused), 'PATCH /api/campaigns/5': () => problem(422, 'validation', 'Look at the fields', errors) });
  const user = await open('/campaigns/5/edit');
  await user.click(await screen.findByRole('button', { name: 'Share of the numbers, and errors' }));
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.getByRole('textbox', { name: 'Pause at errors' })).toHaveAccessibleDescription(/It is not 1 to 100/));
  expect(screen.getByRole('button', { name: 'Share of the numbers, and errors' })).toHaveAttribute('aria-expanded', 'true');
  expect(screen.getByText('There is no such pool')).toBeVisible();
  expect(screen.getByText('Look at the fields')).toBeVisible();
});

it('says that somebody has started it meanwhile, and saves nothing', async () => {
  let now: Campaign = draft;
  const calls = serve({
    ...editing(draft),
    'GET /api/campaigns/5': () => now,
    'PATCH /api/campaigns/5': () => {
      now = { ...draft, status: 'running' };
      return problem(409, 'campaign_has_begun', 'The campaign has begun');
    },
  });
  const user = await open('/campaigns/5/edit');
  await user.type(await screen.findByRole('textbox', { name: 'Name' }), ' II');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.getByRole('alert')).toHaveTextContent('It is now: Running'));
  expect(screen.getByRole('textbox', { name: 'Name' })).toHaveValue('November II');
  expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
  // It is paused: what has not begun yet is another form than what has.
  act(() => void queries.setQueryData(keys.campaign(5), paused));
  await user.click(await screen.findByRole('button', { name: 'Load it again' }));
  expect(await screen.findByRole('combobox', { name: 'Template' })).toBeDisabled();
  expect(screen.getByRole('textbox', { name: 'Name' })).toHaveValue('November');
  expect(callsTo(calls, 'PATCH /api/campaigns/5')).toHaveLength(1);
});

it('has no form for a campaign that runs, and says what to do first', async () => {
  serve(editing(campaign));
  await open('/campaigns/5/edit');
  expect(await screen.findByText('Pause it, and then change its plan.')).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Save' })).not.toBeInTheDocument();
  act(() => void queries.setQueryData(keys.campaign(5), paused));
  expect(await screen.findByRole('button', { name: 'Save' })).toBeEnabled();
});

it('is not for agents', async () => {
  serve({ ...editing(paused), 'GET /api/auth/me': () => ({ id: 1, username: 'ana', name: 'Ana', role: 'agent' }) });
  await open('/campaigns/5/edit');
  expect(await screen.findByText('You do not have access to this part')).toBeInTheDocument();
});
