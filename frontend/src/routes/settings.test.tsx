import { screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { eachSignedIn, open } from '@/app/app.test-kit';
import { callsTo, problem, serve } from '@/test-server';

eachSignedIn();

const policy = { hours: [{ days: [1, 2, 3, 4, 5], from: '08:00', until: '24:00' }], min_gap_minutes: 60, per_day: 1, per_week: null };
const suppression = { phone: '+573001234567', reason: 'opted_out', created_by: null, created_at: '2026-11-20T10:00:00Z' };
const settings = {
  'GET /api/settings/contact-policy': () => policy,
  'GET /api/suppressions': () => ({ items: [suppression] }),
};
const as = (role: string) => ({ 'GET /api/auth/me': () => ({ id: 1, username: 'ana', name: 'Ana', role }) });

it('lets an admin change the contact policy, and shows what the server says of each field', async () => {
  const answers = [problem(422, 'validation', 'x', [{ pointer: '/per_day', code: 'out_of_range', detail: 'Between 1 and 1000' }]), policy];
  const calls = serve({ ...settings, ...as('admin'), 'PUT /api/settings/contact-policy': () => answers.shift() });
  const user = await open('/settings');
  const perDay = await screen.findByRole('textbox', { name: 'A day' });
  await user.clear(perDay);
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('Between 1 and 1000')).toBeInTheDocument();
  expect(callsTo(calls, 'PUT /api/settings/contact-policy')[0]?.body).toEqual({ ...policy, per_day: null });
  await user.click(screen.getByRole('button', { name: 'Any hour' }));
  expect(screen.getByText('At any hour.')).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(callsTo(calls, 'PUT /api/settings/contact-policy')[1]?.body).toEqual({ ...policy, per_day: null, hours: [] }));
});

it('shows what is wrong with the hours as a whole', async () => {
  const refused = problem(422, 'validation', 'x', [{ pointer: '/hours', code: 'too_many', detail: 'At most 20 spans' }]);
  serve({ ...settings, ...as('admin'), 'PUT /api/settings/contact-policy': () => refused });
  const user = await open('/settings');
  await user.click(await screen.findByRole('button', { name: 'Save' }));
  expect(await screen.findByText('At most 20 spans')).toBeInTheDocument();
});

it('shows the policy to a supervisor, who cannot change it, and nothing to an agent', async () => {
  serve(settings);
  await open('/settings');
  expect(await screen.findByText('Only admins can change it.')).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Save' })).not.toBeInTheDocument();
  expect(screen.getByLabelText('Until')).toBeDisabled();
});

it('is closed to an agent', async () => {
  serve({ ...settings, ...as('agent') });
  await open('/settings');
  expect(await screen.findByRole('heading', { name: 'You do not have access to this part' })).toBeInTheDocument();
});

it('takes a number off the suppression list only for a reason', async () => {
  const calls = serve({ ...settings, 'POST /api/suppressions/lift': () => new Response(null, { status: 204 }) });
  const user = await open('/settings');
  expect(await screen.findByText('Asked not to get messages')).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Take off' }));
  const dialog = await screen.findByRole('dialog');
  await user.click(within(dialog).getByRole('button', { name: 'Take off' }));
  expect(callsTo(calls, 'POST /api/suppressions/lift')).toHaveLength(0);
  await user.type(within(dialog).getByRole('textbox', { name: /Why/ }), 'asked by letter');
  await user.click(within(dialog).getByRole('button', { name: 'Take off' }));
  await waitFor(() =>
    expect(callsTo(calls, 'POST /api/suppressions/lift')[0]?.body).toEqual({ phone: '+573001234567', reason: 'asked by letter' }),
  );
});
