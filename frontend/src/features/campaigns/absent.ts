import type { Campaign, Pool } from '@/api/types';

/** The numbers of a campaign's pools that are not online, each once, and how many numbers there are. */
export function absentMembers({ pools: used }: Pick<Campaign, 'pools'>, pools: Pool[]) {
  const members = new Map(
    pools
      .filter((pool) => used.some(({ id }) => id === pool.id))
      .flatMap((pool) => pool.members)
      .map((member) => [member.session_id, member]),
  );
  return { absent: [...members.values()].filter(({ status }) => status !== 'online'), total: members.size };
}
