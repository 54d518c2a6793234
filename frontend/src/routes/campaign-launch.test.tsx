import { screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { Campaign, CampaignPreview } from '@/api/types';
import { eachSignedIn, open } from '@/app/app.test-kit';
import { callsTo, problem, serve } from '@/test-server';
import { campaign, detail } from './campaigns.test-kit';

eachSignedIn();

const step = { template_id: 3, after_minutes: 90, stop_if_replied: true, stop_if_promised: false };
const draft: Campaign = {
  ...campaign,
  status: 'draft',
  started_at: null,
  follow_ups: [step],
  counts: { ...campaign.counts, queued: 0, sending: 0, sent: 0, total: 0 },
};
const scheduled: Campaign = { ...draft, status: 'scheduled', plan: { ...campaign.plan, starts_at: '2099-11-01T06:30:00Z' } };
const refused = (reason: string, count: number) => ({ reason, count, until: null });
const preview: CampaignPreview = {
  audience: 1260,
  examined: 1260,
  begins_at: null,
  now: 1200,
  waiting: [{ reason: 'contact_hours', count: 24, until: '2099-11-01T13:00:00Z' }],
  refused: [refused('opted_out', 2), refused('template_variable_missing: city', 30), refused('wrong_number', 1), refused('disputed', 3)],
  recipients: [{ debtor_id: 1, name: 'Luis', phone: '573001234567', text: 'Hi Luis', reason: null, until: null }],
  follow_ups: [],
};
const page = (of: Campaign) => ({ ...detail, 'GET /api/campaigns/5': () => of, 'POST /api/campaigns/preview': () => preview });

it.each([draft, scheduled])('previews on the page of a $status campaign who would get what', async (of) => {
  const calls = serve(page(of));
  const user = await open('/campaigns/5');
  await user.click(await screen.findByRole('button', { name: 'Who would get what' }));
  expect(await screen.findByText('1,200 would go out now')).toBeInTheDocument();
  expect(screen.getByText('30 get nothing: The value “city” is missing')).toBeInTheDocument();
  expect(screen.getByText('Hi Luis')).toBeInTheDocument();
  expect(callsTo(calls, 'POST /api/campaigns/preview').map(({ body }) => body)).toEqual([
    { template_id: 2, audience: { tags: ['nov'], segment_id: null }, plan: of.plan, follow_ups: [step] },
  ]);
});

it('has no preview of a campaign that has begun', async () => {
  serve(page(campaign));
  await open('/campaigns/5');
  expect(await screen.findByRole('button', { name: 'Pause' })).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Who would get what' })).toBeNull();
});

it('shows agents a draft without its preview', async () => {
  serve({ ...page(draft), 'GET /api/auth/me': () => ({ id: 1, username: 'ana', name: 'Ana', role: 'agent' }) });
  await open('/campaigns/5');
  expect(await screen.findByText('Not started')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Who would get what' })).toBeNull();
});

it('says before a launch how many would get it now, how many not and why, as if its time had come', async () => {
  const calls = serve({ ...page(scheduled), 'POST /api/campaigns/5/start': () => campaign });
  const user = await open('/campaigns/5');
  await user.click(await screen.findByRole('button', { name: 'Launch' }));
  const question = await screen.findByRole('dialog', { name: 'Launch “November”?' });
  expect(await within(question).findByText('1,200 would go out now')).toBeInTheDocument();
  expect(within(question).getByText('60 not, or later:')).toBeInTheDocument();
  const reasons = within(within(question).getByRole('list', { name: '60 not, or later:' })).getAllByRole('listitem');
  expect(reasons.map((reason) => reason.textContent)).toEqual([
    expect.stringMatching(/^24 wait: It is not the hour to write to the debtor, from /),
    '30 get nothing: The value “city” is missing',
    '3 get nothing: Disputes the debt',
    '3 more for other reasons',
  ]);
  expect(callsTo(calls, 'POST /api/campaigns/preview')[0]?.body).toMatchObject({ template_id: 2, plan: { starts_at: null } });
  expect(callsTo(calls, 'POST /api/campaigns/5/start')).toHaveLength(0);
  await user.click(within(question).getByRole('button', { name: 'Launch' }));
  await waitFor(() => expect(callsTo(calls, 'POST /api/campaigns/5/start')).toHaveLength(1));
});

it('launches also while nobody can say yet whom it reaches', async () => {
  const calls = serve({
    ...page(draft),
    'POST /api/campaigns/preview': () => new Promise(() => {}),
    'POST /api/campaigns/5/start': () => campaign,
  });
  const user = await open('/campaigns/5');
  await user.click(await screen.findByRole('button', { name: 'Launch' }));
  const question = await screen.findByRole('dialog');
  expect(within(question).getByRole('status')).toHaveTextContent('Looking who would get it…');
  await user.click(within(question).getByRole('button', { name: 'Launch' }));
  await waitFor(() => expect(callsTo(calls, 'POST /api/campaigns/5/start')).toHaveLength(1));
});

it('says why the preview before a launch cannot be had, tries again, and launches all the same', async () => {
  let answer: () => unknown = () => problem(422, 'validation', 'Look at the fields');
  const calls = serve({
    ...page(draft),
    'POST /api/campaigns/preview': () => answer(),
    'POST /api/campaigns/5/start': () => campaign,
  });
  const user = await open('/campaigns/5');
  await user.click(await screen.findByRole('button', { name: 'Launch' }));
  const question = await screen.findByRole('dialog');
  expect(await within(question).findByText(/^Who would get it cannot be told: Look at the fields/)).toBeInTheDocument();
  expect(within(question).getByRole('button', { name: 'Launch' })).toBeEnabled();
  answer = () => ({ ...preview, audience: 0, examined: 0, now: 0, waiting: [], refused: [] });
  await user.click(within(question).getByRole('button', { name: 'Try again' }));
  expect(await within(question).findByText('Nobody would get this message.')).toBeInTheDocument();
  await user.click(within(question).getByRole('button', { name: 'Launch' }));
  await waitFor(() => expect(callsTo(calls, 'POST /api/campaigns/5/start')).toHaveLength(1));
});
