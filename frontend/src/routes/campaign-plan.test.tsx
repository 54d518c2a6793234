import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { CampaignPreview } from '@/api/types';
import { choose, eachSignedIn, open } from '@/app/app.test-kit';
import { callsTo, problem, serve } from '@/test-server';
import { campaign, choices, detail } from './campaigns.test-kit';

eachSignedIn();

const draft = {
  ...campaign,
  status: 'draft' as const,
  started_at: null,
  plan: { ...campaign.plan, time_zone: 'America/New_York', starts_at: '2099-11-01T06:30:00Z' },
};
const type = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });

it('sends what the clock of the chosen zone shows, and shows why the server refuses such a time', async () => {
  const skipped = { pointer: '/plan/starts_at', code: 'time_skipped', detail: 'That clock does not show this time' };
  const calls = serve({ ...detail, ...choices, 'POST /api/campaigns': () => problem(422, 'validation', 'Look at the fields', [skipped]) });
  const user = await open('/campaigns/new');
  await user.type(await screen.findByRole('textbox', { name: /name/i }), 'May');
  await choose(user, await screen.findByRole('combobox', { name: /pool/i }), 'North');
  await choose(user, await screen.findByRole('combobox', { name: 'Template' }), 'Reminder');
  await user.click(screen.getByRole('button', { name: 'When it sends' }));
  const zone = await screen.findByRole('combobox', { name: 'Time zone of its times' });
  expect(zone).toHaveValue('UTC');
  await user.clear(zone);
  await user.type(zone, 'new york');
  await choose(user, zone, 'America / New York');
  type('Begins', '2099-03-08T02:30');
  await user.click(screen.getByRole('button', { name: 'Schedule' }));
  await waitFor(() => expect(screen.getByLabelText('Begins')).toHaveAccessibleDescription(/That clock does not show this time/));
  expect(screen.getByLabelText('Begins')).toHaveValue('2099-03-08T02:30');
  expect(callsTo(calls, 'POST /api/campaigns')[0]?.body).toMatchObject({
    plan: { time_zone: 'America/New_York', starts_at: '2099-03-08T02:30', ends_at: null },
  });
});

it('gives back an instant that nobody has touched, and keeps what the reader sees when the zone changes', async () => {
  const calls = serve({ ...detail, ...choices, 'GET /api/campaigns/5': () => draft, 'PATCH /api/campaigns/5': () => draft });
  const user = await open('/campaigns/5/edit');
  // The second half past one of that night.
  expect(await screen.findByLabelText('Begins')).toHaveValue('2099-11-01T01:30');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(callsTo(calls, 'PATCH /api/campaigns/5')).toHaveLength(1));
  expect(callsTo(calls, 'PATCH /api/campaigns/5')[0]?.body).toMatchObject({ plan: { starts_at: draft.plan.starts_at } });
  await waitFor(() => expect(window.location.pathname).toBe('/campaigns/5'));
  expect(await screen.findByText(/^Begins .*\(America\/New York\)$/)).toBeInTheDocument();
});

it('reads its times on another clock when the zone changes', async () => {
  const calls = serve({ ...detail, ...choices, 'GET /api/campaigns/5': () => draft, 'PATCH /api/campaigns/5': () => draft });
  const user = await open('/campaigns/5/edit');
  const zone = await screen.findByRole('combobox', { name: 'Time zone of its times' });
  await user.clear(zone);
  await user.type(zone, 'bogotá');
  await choose(user, zone, 'America / Bogota');
  expect(screen.getByLabelText('Begins')).toHaveValue('2099-11-01T01:30');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(callsTo(calls, 'PATCH /api/campaigns/5')).toHaveLength(1));
  expect(callsTo(calls, 'PATCH /api/campaigns/5')[0]?.body).toMatchObject({
    plan: { time_zone: 'America/Bogota', starts_at: '2099-11-01T01:30' },
  });
});

it('previews who would get what and when by the plan, and what follows', async () => {
  const preview: CampaignPreview = {
    audience: 20_000,
    examined: 5000,
    begins_at: '2099-11-01T06:30:00Z',
    now: 10_000,
    waiting: [{ reason: 'campaign_hours', count: 4999, until: '2099-11-02T14:00:00Z' }],
    refused: [{ reason: 'suppressed_number', count: 1, until: null }],
    recipients: [
      { debtor_id: 1, name: 'Ana', phone: '573001234567', text: 'Hi Ana', reason: 'campaign_hours', until: '2099-11-02T14:00:00Z' },
    ],
    follow_ups: [
      {
        after_minutes: 2880,
        stop_if_replied: true,
        stop_if_promised: false,
        refused: [{ reason: 'template_variable_missing: city', count: 12, until: null }],
        samples: [{ debtor_id: 1, name: 'Ana', text: 'Once more, Ana' }],
      },
    ],
  };
  const step = { template_id: 2, after_minutes: 2880, stop_if_replied: true, stop_if_promised: false };
  const calls = serve({
    ...detail,
    ...choices,
    'GET /api/campaigns/5': () => ({ ...draft, follow_ups: [step] }),
    'POST /api/campaigns/preview': () => preview,
  });
  const user = await open('/campaigns/5/edit');
  await user.click(await screen.findByRole('button', { name: 'Who would get what' }));
  expect(await screen.findByText(/^Only the first 5,000 of 20,000 people were looked at/)).toBeInTheDocument();
  expect(callsTo(calls, 'POST /api/campaigns/preview')[0]?.body).toEqual({
    template_id: 2,
    audience: { tags: ['nov'], segment_id: null },
    plan: draft.plan,
    follow_ups: [step],
  });
  expect(screen.getByText(/^It begins /)).toBeInTheDocument();
  expect(screen.getByText('10,000 would go out when it begins')).toBeInTheDocument();
  expect(screen.getByText(/^4,999 wait: Outside the campaign’s own hours, from /)).toBeInTheDocument();
  expect(screen.getByText('Message 2, 2 days after the one before')).toBeInTheDocument();
  expect(screen.getByText('12 get nothing: The value “city” is missing')).toBeInTheDocument();
  expect(screen.getByText('Once more, Ana')).toBeInTheDocument();
});
