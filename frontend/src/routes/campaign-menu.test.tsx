import { act, screen, waitFor, within } from '@testing-library/react';
import type { UserEvent } from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { keys } from '@/api/queries';
import type { Campaign, CampaignStatus } from '@/api/types';
import { eachSignedIn, open } from '@/app/app.test-kit';
import { queries } from '@/app/queries';
import { callsTo, problem, serve } from '@/test-server';
import { campaign, counts, detail } from './campaigns.test-kit';

eachSignedIn();

const inStatus = (status: CampaignStatus, of: Partial<Campaign> = {}): Campaign => ({ ...campaign, status, ...of });
const failed = { counts: { ...counts, failed: 2, total: 6 } };

/** Opens the page of the campaign, and what its menu offers. */
async function openMenu(): Promise<UserEvent> {
  const user = await open('/campaigns/5');
  await user.click(await screen.findByRole('button', { name: 'More actions' }));
  await screen.findByRole('menuitem', { name: 'Duplicate', hidden: true });
  return user;
}
const item = (name: string) => screen.getByRole('menuitem', { name, hidden: true });
const items = () => screen.getAllByRole('menuitem', { hidden: true }).map(({ textContent }) => textContent);

it.each<[CampaignStatus, string[]]>([
  ['draft', ['Edit', 'Duplicate', 'Delete']],
  ['scheduled', ['Duplicate', 'Back to draft']],
  ['running', ['Duplicate', 'Send again what failed']],
  ['paused', ['Edit', 'Duplicate', 'Send again what failed']],
  ['finished', ['Duplicate', 'Send again what failed', 'Delete']],
  ['cancelled', ['Duplicate', 'Delete']],
])('offers of a %s campaign what its status lets do', async (status, offered) => {
  serve({ ...detail, 'GET /api/campaigns/5': () => inStatus(status, failed) });
  await openMenu();
  expect(items()).toEqual(offered);
});

it('duplicates a campaign, and goes to the copy', async () => {
  const copy = inStatus('draft', { id: 6, name: 'November (2)' });
  const calls = serve({ ...detail, 'POST /api/campaigns/5/duplicate': () => copy, 'GET /api/campaigns/6': () => copy });
  const user = await openMenu();
  await user.click(item('Duplicate'));
  expect(await screen.findByRole('heading', { level: 1, name: 'November (2)' })).toBeVisible();
  expect(window.location.pathname).toBe('/campaigns/6');
  expect(callsTo(calls, 'POST /api/campaigns/5/duplicate')).toHaveLength(1);
});

it('asks before it deletes, and goes back to the list', async () => {
  const calls = serve({
    ...detail,
    'GET /api/campaigns/5': () => inStatus('cancelled'),
    'GET /api/campaigns': () => ({ items: [], next_cursor: null }),
    'DELETE /api/campaigns/5': () => new Response(null, { status: 204 }),
  });
  const user = await openMenu();
  await user.click(item('Delete'));
  const question = await screen.findByRole('dialog', { name: 'Delete “November”?' });
  expect(within(question).getByText('It goes out of sight. What was sent stays in the ledger.')).toBeVisible();
  expect(callsTo(calls, 'DELETE /api/campaigns/5')).toHaveLength(0);
  await user.click(within(question).getByRole('button', { name: 'Delete' }));
  await waitFor(() => expect(window.location.pathname).toBe('/campaigns'));
  expect(callsTo(calls, 'DELETE /api/campaigns/5')).toHaveLength(1);
});

it('says why a campaign cannot be deleted, and stays with it', async () => {
  serve({
    ...detail,
    'GET /api/campaigns/5': () => inStatus('draft'),
    'DELETE /api/campaigns/5': () => problem(409, 'illegal_action', 'Somebody has launched it'),
  });
  const user = await openMenu();
  await user.click(item('Delete'));
  await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Delete' }));
  expect(await screen.findByText('Somebody has launched it')).toBeVisible();
  expect(window.location.pathname).toBe('/campaigns/5');
});

it('makes a scheduled campaign a draft again', async () => {
  let now = inStatus('scheduled');
  const calls = serve({
    ...detail,
    'GET /api/campaigns/5': () => now,
    'POST /api/campaigns/5/unschedule': () => (now = inStatus('draft')),
  });
  const user = await openMenu();
  await user.click(item('Back to draft'));
  expect(await screen.findByText('Draft')).toBeVisible();
  expect(callsTo(calls, 'POST /api/campaigns/5/unschedule')).toHaveLength(1);
});

it('sends again what failed of a campaign that was paused for its errors, and says that it goes on then', async () => {
  let now = inStatus('paused', { ...failed, pause_reason: 'too_many_errors: 11/20' });
  const calls = serve({
    ...detail,
    'GET /api/campaigns/5': () => now,
    'POST /api/campaigns/5/retry': () => (now = inStatus('running', failed)),
  });
  const user = await open('/campaigns/5');
  expect(await screen.findByRole('button', { name: 'Resume' })).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Send again what failed' }));
  const question = await screen.findByRole('dialog', { name: 'Send again what failed?' });
  expect(within(question).getByText(/^Of the 2 failed messages/)).toBeVisible();
  expect(within(question).getByText('The campaign goes on then, with all that is left.')).toBeVisible();
  expect(callsTo(calls, 'POST /api/campaigns/5/retry')).toHaveLength(0);
  await user.click(within(question).getByRole('button', { name: 'Send again what failed' }));
  expect(await screen.findByRole('button', { name: 'Pause' })).toBeVisible();
  expect(callsTo(calls, 'POST /api/campaigns/5/retry')).toHaveLength(1);
});

it('says where nothing that failed can go out again', async () => {
  const paused = inStatus('paused', { ...failed, pause_reason: 'too_many_errors: 11/20' });
  serve({
    ...detail,
    'GET /api/campaigns/5': () => paused,
    'POST /api/campaigns/5/retry': () => problem(422, 'empty_audience', 'Nobody would get it'),
  });
  const user = await open('/campaigns/5');
  await user.click(await screen.findByRole('button', { name: 'Send again what failed' }));
  await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Send again what failed' }));
  expect(await screen.findByText('Nobody would get it')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Resume' })).toBeEnabled();
});

it('offers beside resume only what can be sent again', async () => {
  serve({ ...detail, 'GET /api/campaigns/5': () => inStatus('paused', { pause_reason: 'too_many_errors: 11/20' }) });
  await open('/campaigns/5');
  expect(await screen.findByRole('button', { name: 'Resume' })).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Send again what failed' })).toBeNull();
  act(() => void queries.setQueryData(keys.campaign(5), inStatus('paused', failed)));
  expect(screen.queryByRole('button', { name: 'Send again what failed' })).toBeNull();
});
