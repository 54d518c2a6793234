import type { CampaignPreview } from '@/api/types';

type Reasons = Pick<CampaignPreview, 'waiting' | 'refused'>;

/** The reasons that hold most people back, how many would not get it at once for any, and for how many none of these is the reason. */
export function topReasons({ waiting, refused }: Reasons, most: number): Reasons & { total: number; others: number } {
  const sum = (reasons: { count: number }[]) => reasons.reduce((total, { count }) => total + count, 0);
  const total = sum([...waiting, ...refused]);
  const top = [...waiting, ...refused].sort((one, other) => other.count - one.count).slice(0, most);
  return {
    waiting: top.filter((reason) => waiting.includes(reason)),
    refused: top.filter((reason) => refused.includes(reason)),
    total,
    others: total - sum(top),
  };
}
