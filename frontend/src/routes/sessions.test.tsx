import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { eachSignedIn, open } from '@/app/app.test-kit';
import { callsTo, serve } from '@/test-server';

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
