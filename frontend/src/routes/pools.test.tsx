import { screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { eachSignedIn, open } from '@/app/app.test-kit';
import { callsTo, problem, serve } from '@/test-server';

eachSignedIn();

const at = '2026-11-20T10:00:00Z';
const session = (id: number, name: string) => ({ id, name, phone: null, status: 'online', pools: [], sent_today: 0, new_chats_today: 0 });
const member = (session_id: number, name: string) => ({ session_id, name, status: 'online', phone: null, weight: 1 });
const pool = {
  id: 3,
  name: 'North',
  strategy: 'fixed_turns',
  turn_size: 5,
  grace_seconds: 60,
  sticky: false,
  members: [member(1, 'One'), member(2, 'Two')],
  created_at: at,
  updated_at: at,
};
const server = {
  'GET /api/sessions': () => ({ items: [session(1, 'One'), session(2, 'Two')] }),
  'GET /api/pools': () => ({ items: [pool] }),
  'PATCH /api/pools/3': () => pool,
};

it('gives a number longer turns than the others, where there are turns', async () => {
  const calls = serve(server);
  const user = await open('/pools');
  await user.click(await screen.findByRole('button', { name: 'Actions for North' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Edit', hidden: true }));
  const dialog = await screen.findByRole('dialog');
  const weight = await within(dialog).findByRole('textbox', { name: 'Length of Two’s turns' });
  await user.clear(weight);
  await user.type(weight, '3');
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  await waitFor(() =>
    expect(callsTo(calls, 'PATCH /api/pools/3')[0]?.body).toMatchObject({
      members: [
        { session_id: 1, weight: 1 },
        { session_id: 2, weight: 3 },
      ],
    }),
  );
});

it('asks for no weights where whoever is free sends next', async () => {
  serve({ ...server, 'GET /api/pools': () => ({ items: [{ ...pool, strategy: 'competitive' }] }) });
  const user = await open('/pools');
  await user.click(await screen.findByRole('button', { name: 'Actions for North' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Edit', hidden: true }));
  const dialog = await screen.findByRole('dialog');
  expect(await within(dialog).findByRole('button', { name: 'Remove Two' })).toBeVisible();
  expect(within(dialog).queryByRole('textbox', { name: 'Length of Two’s turns' })).toBeNull();
});

it('says that a pool has no numbers', async () => {
  serve({ ...server, 'GET /api/pools': () => ({ items: [{ ...pool, members: [] }] }) });
  await open('/pools');
  expect(
    await within(await screen.findByRole('article', { name: 'North' })).findByText('There are no numbers in the pool yet.'),
  ).toBeVisible();
});

it('does not say that there are no numbers where nobody can know, and asks again', async () => {
  let answer: () => unknown = () => problem(400, 'bad', 'Not now');
  serve({ ...server, 'GET /api/sessions': () => answer() });
  const user = await open('/pools');
  await user.click(await screen.findByRole('button', { name: 'Create pool' }));
  const dialog = await screen.findByRole('dialog');
  expect(await within(dialog).findByText('Not now')).toBeInTheDocument();
  expect(within(dialog).queryByText('Link a number first.')).toBeNull();
  answer = () => ({ items: [] });
  await user.click(within(dialog).getByRole('button', { name: 'Try again' }));
  expect(await within(dialog).findByText('Link a number first.')).toBeInTheDocument();
});
