import { act, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { keys } from '@/api/queries';
import { eachSignedIn, open } from '@/app/app.test-kit';
import { queries } from '@/app/queries';
import { problem, serve } from '@/test-server';
import { campaign, detail, number } from './campaigns.test-kit';

eachSignedIn();

const warm_up = { since: '2026-11-01T12:00:00Z', first_day: 20, growth_percent: 30 };
const share = { session: { id: 1, name: 'One' }, sent: 10, delivered: 7, read: 4, failed: 1 };
const server = {
  ...detail,
  'GET /api/campaigns/5/sessions': () => ({ items: [share, { ...share, session: { id: 9, name: 'Gone' } }] }),
  'GET /api/sessions': () => ({
    items: [
      number,
      { ...number, id: 2, name: 'Two', status: 'reconnecting', caps: { ...number.caps, new_chats_per_day: 30, warm_up } },
      { ...number, id: 3, name: 'Elsewhere', pools: [] },
    ],
  }),
};
/** What the row of a number says, but for its name. */
async function row(name: string) {
  const table = await screen.findByRole('table', { name: 'Who sent how many' });
  const header = await within(table).findByRole('rowheader', { name: new RegExp(`^${name}`) });
  return [...(header.closest('tr')?.querySelectorAll('td') ?? [])].map((cell) => cell.textContent);
}

it('says of each number what it does, what it has sent, how fast it goes and what it may still send', async () => {
  serve(server);
  await open('/campaigns/5');
  expect(await row('One')).toEqual(['Online', '4', '3', '3', '1', '4–9.5 s', '180 of 200, 20 left']);
  expect(await row('Two')).toEqual([
    'Reconnecting',
    '0',
    '0',
    '0',
    '0',
    '4–9.5 s',
    '180 of at most 200, as it warms up · new chats 3 of 30',
  ]);
  expect(await row('Gone')).toEqual(['—', '4', '3', '3', '1', '—', '—']);
  expect(screen.queryByRole('rowheader', { name: 'Elsewhere' })).toBeNull();
});

it('names the numbers that will send before any has, and of a campaign that is over only those that have', async () => {
  serve({ ...server, 'GET /api/campaigns/5/sessions': () => ({ items: [] }) });
  await open('/campaigns/5');
  expect(await screen.findByText('No number has sent yet.')).toBeVisible();
  expect(await row('One')).toHaveLength(7);
  act(() => {
    queries.setQueryData(keys.campaignSessions(5), [share]);
    queries.setQueryData(keys.campaign(5), { ...campaign, status: 'finished' });
  });
  expect((await row('One')).slice(0, 2)).toEqual(['Online', '4']);
  expect(screen.queryByRole('rowheader', { name: 'Two' })).toBeNull();
});

it('shows what was sent also where nobody knows how the numbers are', async () => {
  serve({ ...server, 'GET /api/sessions': () => problem(404, 'not_found', 'Not found') });
  await open('/campaigns/5');
  expect((await row('One')).slice(0, 5)).toEqual(['—', '4', '3', '3', '1']);
  expect(screen.getByRole('button', { name: 'Try again' })).toBeVisible();
});
