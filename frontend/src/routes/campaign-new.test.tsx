import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { eachSignedIn, open } from '@/app/app.test-kit';
import { callsTo, problem, serve } from '@/test-server';
import { choices, detail } from './campaigns.test-kit';

eachSignedIn();

it('is not for agents', async () => {
  const calls = serve({ ...detail, ...choices, 'GET /api/auth/me': () => ({ id: 1, username: 'ana', name: 'Ana', role: 'agent' }) });
  await open('/campaigns/new');
  expect(await screen.findByText('You do not have access to this part')).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Launch' })).toBeNull();
  expect(callsTo(calls, 'POST /api/campaigns/audience')).toHaveLength(0);
});

it('says that nobody knows how many would get it, and asks again', async () => {
  let answer: () => unknown = () => problem(400, 'bad', 'Not now');
  serve({ ...detail, ...choices, 'POST /api/campaigns/audience': () => answer() });
  const user = await open('/campaigns/new');
  expect(await screen.findByText('Not now')).toBeVisible();
  answer = () => ({ count: 3 });
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByTestId('audience-count')).toHaveTextContent('3');
});

it('says that pools or templates cannot be had, and asks again', async () => {
  let answer: () => unknown = () => problem(400, 'bad', 'No pools now');
  serve({ ...detail, ...choices, 'GET /api/pools': () => answer() });
  const user = await open('/campaigns/new');
  expect(await screen.findByText('No pools now')).toBeVisible();
  answer = () => ({ items: [] });
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('There are no pools yet. Make one.')).toBeVisible();
});
