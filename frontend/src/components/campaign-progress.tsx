import { Progress } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { MessageCounts } from '@/api/types';
import { progressOf, sharesOf, stateColors } from '@/lib/progress';

/** A campaign's messages as a stacked bar, one part for each state. */
export function CampaignProgressBar({ counts, size = 12 }: { counts: MessageCounts; size?: number }) {
  const { t } = useTranslation();
  const { percent } = progressOf(counts);
  return (
    <Progress.Root
      size={size}
      radius="xl"
      role="progressbar"
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-label={t('progress')}
      data-testid="campaign-progress"
    >
      {sharesOf(counts).map(({ state, share, count }) => (
        <Progress.Section
          key={state}
          value={share}
          color={stateColors[state]}
          title={`${t(`message_state.${state}`)}: ${count}`}
          role="presentation"
        />
      ))}
    </Progress.Root>
  );
}
