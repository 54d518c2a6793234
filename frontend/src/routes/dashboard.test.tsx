import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import { eachSignedIn, giveRoom, open } from '@/app/app.test-kit';
import { serve } from '@/test-server';

eachSignedIn();
beforeEach(giveRoom);

const dashboard = {
  sessions: { total: 3, online: 2, by_status: { online: 2, failed: 1 } },
  campaigns: { running: 0, paused: 0, finished: 1 },
  messages_today: { sent: 1400, delivered: 2, read: 1, failed: 5, uncertain: 0 },
  messages_by_hour: [
    { hour: '2026-11-20T10:00:00Z', sent: 1400, failed: 0 },
    { hour: '2026-11-20T11:00:00Z', sent: 0, failed: 5 },
  ],
  debtors: { total: 10, active: 9, opted_out: 1 },
};

it('has its charts in words, for those who do not see them', async () => {
  serve({ 'GET /api/dashboard': () => dashboard, 'GET /api/campaigns': () => ({ items: [], next_cursor: null }) });
  await open('/');
  const hours = await screen.findByRole('table', { name: 'Messages in the last 24 hours' });
  const rows = within(hours).getAllByRole('row');
  expect(rows.map((row) => [...row.children].slice(1).map(({ textContent }) => textContent))).toEqual([
    ['Sent', 'Failed'],
    ['1,400', '0'],
    ['0', '5'],
  ]);
  await waitFor(() => expect(document.querySelectorAll('.recharts-sector, .recharts-bar-rectangle')).not.toHaveLength(0));
  const fleet = screen.getByRole('region', { name: 'Your numbers' });
  expect(within(fleet).getByText(/^Online ·/)).toHaveTextContent('Online · 2');
  expect(screen.queryByRole('application')).toBeNull();
});
