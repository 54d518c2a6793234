import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
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
