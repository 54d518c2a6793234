import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import { eachSignedIn, giveRoom, open } from '@/app/app.test-kit';
import { serve } from '@/test-server';
import { detail } from './campaigns.test-kit';

eachSignedIn();
beforeEach(giveRoom);

const spans = [
  { at: '2026-11-20T10:00:00Z', sent: 3, delivered: 2, read: 0, failed: 1 },
  { at: '2026-11-20T10:05:00Z', sent: 1400, delivered: 0, read: 2, failed: 0 },
];
const server = {
  ...detail,
  'GET /api/campaigns/5/timeline': () => ({ span_seconds: 300, spans }),
  'GET /api/campaigns/5/sessions': () => ({ items: [{ session: { id: 1, name: 'One' }, sent: 10, delivered: 7, read: 4, failed: 1 }] }),
};
const section = (name: string) => screen.findByRole('region', { name });
const bars = (of: HTMLElement) => of.querySelectorAll('.recharts-bar-rectangle');

it('draws what happened over time, and has it as a table for those who do not see it', async () => {
  serve(server);
  await open('/campaigns/5');
  const card = await section('Over time');
  await waitFor(() => expect(bars(card)).not.toHaveLength(0));
  expect(within(card).getByText('Each bar is 5 minutes.')).toBeVisible();
  const rows = within(within(card).getByRole('table', { name: 'Over time' })).getAllByRole('row');
  expect(rows.map((row) => [...row.children].slice(1).map(({ textContent }) => textContent))).toEqual([
    ['Sent', 'Delivered', 'Read', 'Failed'],
    ['3', '2', '0', '1'],
    ['1,400', '0', '2', '0'],
  ]);
  expect(within(card).queryByRole('application')).toBeNull();
});

it('draws who sent how many', async () => {
  serve(server);
  await open('/campaigns/5');
  const card = await section('Who sent how many');
  await waitFor(() => expect(bars(card)).not.toHaveLength(0));
  expect(within(card).queryByText('No number has sent yet.')).toBeNull();
});

it('says so while nothing has been sent', async () => {
  serve(detail);
  await open('/campaigns/5');
  expect(await within(await section('Over time')).findByText('Nothing has been sent yet.')).toBeVisible();
  expect(screen.queryByRole('table', { name: 'Over time' })).toBeNull();
});
