import { Box, Card, Center, Grid, Group, RingProgress, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Campaign } from '@/api/types';
import { formatNumber } from '@/lib/format';
import { progressOf, sharesOf, stateColors } from '@/lib/progress';
import { useLanguage } from '@/lib/use-language';
import { ForecastPanel } from './forecast-panel';

/** The campaign at a glance: how far, in which states, how fast. */
export function ProgressCard({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns');
  const { t: common } = useTranslation();
  const language = useLanguage();
  const { percent, settled, total } = progressOf(campaign.counts);
  const shares = sharesOf(campaign.counts);
  return (
    <Card component="section" aria-label={common('progress')} data-testid="campaign-progress">
      <Grid align="center" gap="lg">
        <Grid.Col span={{ base: 12, xs: 'content' }}>
          <Center>
            <RingProgress
              size={176}
              thickness={16}
              sections={shares.map(({ state, share }) => ({ value: share, color: stateColors[state] }))}
              label={
                <Box
                  ta="center"
                  role="progressbar"
                  aria-valuenow={percent}
                  aria-valuemin={0}
                  aria-valuemax={100}
                  aria-label={common('progress')}
                >
                  <Text fz={34} fw={700} ff="heading" lh={1}>
                    {percent}%
                  </Text>
                  <Text size="xs" c="dimmed">
                    {formatNumber(settled, language)} / {formatNumber(total, language)}
                  </Text>
                </Box>
              }
            />
          </Center>
        </Grid.Col>
        <Grid.Col span={{ base: 12, xs: 'auto' }}>
          <Stack gap={7} maw={280}>
            {shares.map(({ state, count }) => (
              <Group key={state} justify="space-between" gap="sm" wrap="nowrap">
                <Group gap={8} wrap="nowrap">
                  <Box w={11} h={11} bg={stateColors[state]} style={{ borderRadius: 3 }} />
                  <Text size="sm">{common(`message_state.${state}`)}</Text>
                </Group>
                <Text size="sm" fw={650} data-testid={`count-${state}`}>
                  {formatNumber(count, language)}
                </Text>
              </Group>
            ))}
            {total === 0 && <Text c="dimmed">{t('not_started')}</Text>}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <ForecastPanel campaign={campaign} />
        </Grid.Col>
      </Grid>
      <Text aria-live="polite" fz={0} h={0} style={{ overflow: 'hidden' }}>
        {t('spoken', { percent: Math.floor(percent / 10) * 10 })}
      </Text>
    </Card>
  );
}
