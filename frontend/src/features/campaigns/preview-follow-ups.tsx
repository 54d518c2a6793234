import { Box, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CampaignPreview } from '@/api/types';
import { MessageBubble } from '@/components/message-bubble';
import { formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { reasonInWords } from './reason';
import { spanLength } from './timeline';

/** What would follow the first message: when, to whom not, and what some of them would read. */
export function PreviewFollowUps({ followUps }: { followUps: CampaignPreview['follow_ups'] }) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  return (
    <Stack gap="sm" component="section" aria-label={t('preview.follow_ups')}>
      <Title order={3} fz="sm">
        {t('preview.follow_ups')}
      </Title>
      {followUps.map((step, index) => {
        const stops = [
          step.stop_if_replied && t('plan.stop_if_replied'),
          step.stop_if_promised && t('plan.stop_if_promised'),
          ...step.refused.map(({ reason, count }) =>
            t('preview.refused', { count: formatNumber(count, language), reason: reasonInWords(t, reason) ?? '' }),
          ),
        ].filter((stop): stop is string => Boolean(stop));
        return (
          <Box key={index}>
            <Text size="sm" fw={600}>
              {t('preview.after', { number: index + 2, time: spanLength(step.after_minutes * 60, language) })}
            </Text>
            {stops.map((stop) => (
              <Text key={stop} size="xs" c="dimmed">
                {stop}
              </Text>
            ))}
            <Stack gap={6} mt={6}>
              {step.samples.map(({ debtor_id: id, name, text }) => (
                <Box key={id}>
                  <Text size="xs" c="dimmed">
                    {name}
                  </Text>
                  <MessageBubble text={text} />
                </Box>
              ))}
              {step.samples.length === 0 && (
                <Text size="xs" c="red">
                  {t('preview.never')}
                </Text>
              )}
            </Stack>
          </Box>
        );
      })}
    </Stack>
  );
}
