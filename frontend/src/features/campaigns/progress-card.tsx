import { AreaChart } from '@mantine/charts';
import { Box, Card, Center, Grid, Group, RingProgress, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Campaign } from '@/api/types';
import { formatNumber } from '@/lib/format';
import { progressOf, sharesOf, stateColors } from '@/lib/progress';
import { useLanguage } from '@/lib/use-language';
import { perMinute, secondsLeft } from './throughput';
import { useSamples } from './use-campaign-live';

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
          <Speed campaign={campaign} />
        </Grid.Col>
      </Grid>
      <Text aria-live="polite" fz={0} h={0} style={{ overflow: 'hidden' }}>
        {t('spoken', { percent: Math.floor(percent / 10) * 10 })}
      </Text>
    </Card>
  );
}

/** Sent messages over the time the page has been open. */
function Speed({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  const samples = useSamples(campaign);
  const speed = perMinute(samples);
  const { total, settled } = progressOf(campaign.counts);
  const seconds = secondsLeft(samples, total - settled);
  if (campaign.status !== 'running' && samples.length < 2) return null;
  const clock = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
  return (
    <Box>
      <Group justify="space-between" mb={6}>
        <Title order={2} fz="sm">
          {t('speed.title')}
        </Title>
        {campaign.status === 'running' && speed !== null && (
          <Text size="sm" c="dimmed">
            {t('speed.rate', { count: speed })}
            {seconds !== null && ` · ${t('speed.left', { count: Math.max(1, Math.round(seconds / 60)) })}`}
          </Text>
        )}
      </Group>
      {samples.length > 1 ? (
        <AreaChart
          h={132}
          data={samples.map(({ at, left }) => ({ at: clock.format(at), left }))}
          dataKey="at"
          series={[{ name: 'left', label: t('speed.sent'), color: 'pine.5' }]}
          curveType="monotone"
          withDots={false}
          gridAxis="x"
          tickLine="none"
          withXAxis={false}
          yAxisProps={{ width: 38, allowDecimals: false }}
        />
      ) : (
        <Center h={132}>
          <Text size="sm" c="dimmed">
            {t('speed.waiting')}
          </Text>
        </Center>
      )}
    </Box>
  );
}
