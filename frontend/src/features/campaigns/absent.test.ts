import { expect, it } from 'vitest';
import type { Pool } from '@/api/types';
import { absentMembers } from './absent';

const pool = (id: number, ...statuses: [number, string][]) =>
  ({ id, members: statuses.map(([session_id, status]) => ({ session_id, name: `Number ${session_id}`, status })) }) as unknown as Pool;

it('counts each number of the campaign’s pools once, and no others', () => {
  const pools = [pool(1, [1, 'online'], [2, 'restricted']), pool(2, [2, 'restricted'], [3, 'online']), pool(3, [4, 'failed'])];
  const used = { pools: [1, 2].map((id) => ({ id, name: '' })) };
  const { absent, total } = absentMembers(used, pools);
  expect([absent.map(({ session_id }) => session_id), total]).toEqual([[2], 3]);
});
