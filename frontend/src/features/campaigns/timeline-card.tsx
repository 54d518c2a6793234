import { BarChart } from '@mantine/charts';
import { Card, Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Campaign, CampaignTimeline } from '@/api/types';
import { ChartTable } from '@/components/chart-table';
import { Loaded } from '@/components/states';
import { useLanguage } from '@/lib/use-language';
import { timelineQuery } from './queries';
import { spanLabel, spanLength } from './timeline';

/** What happened to the messages since the first of them left, over restarts and pauses. */
export function TimelineCard({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns');
  const { t: common } = useTranslation();
  const language = useLanguage();
  const timeline = useQuery(timelineQuery(campaign.id, campaign.status === 'running'));
  const series = [
    { name: 'sent' as const, label: common('message_state.sent'), color: 'pine.3' },
    { name: 'delivered' as const, label: common('message_state.delivered'), color: 'pine.6' },
    { name: 'read' as const, label: common('message_state.read'), color: 'blue.6' },
    { name: 'failed' as const, label: common('message_state.failed'), color: 'red.6' },
  ];
  const labelled = (spans: CampaignTimeline['spans'], seconds: number) =>
    spans.map((span) => ({ ...span, at: spanLabel(span.at, seconds, language) }));
  return (
    <Card component="section" aria-label={t('timeline.title')} mt="lg">
      <Loaded query={timeline}>
        {({ span_seconds: seconds, spans }) => (
          <>
            <Group justify="space-between" mb="sm">
              <Title order={2} fz="md">
                {t('timeline.title')}
              </Title>
              {spans.length > 0 && (
                <Text size="sm" c="dimmed">
                  {t('timeline.width', { length: spanLength(seconds, language) })}
                </Text>
              )}
            </Group>
            {spans.length === 0 ? (
              <Text size="sm" c="dimmed">
                {t('timeline.none')}
              </Text>
            ) : (
              <>
                <BarChart
                  aria-hidden
                  barChartProps={{ accessibilityLayer: false }}
                  h={200}
                  data={labelled(spans, seconds)}
                  dataKey="at"
                  gridAxis="x"
                  tickLine="none"
                  withLegend
                  legendProps={{ verticalAlign: 'bottom', height: 28 }}
                  yAxisProps={{ width: 44, allowDecimals: false }}
                  xAxisProps={{ minTickGap: 24 }}
                  series={series}
                />
                <ChartTable
                  label={t('timeline.title')}
                  head={{ name: 'at', label: t('timeline.from') }}
                  series={series}
                  rows={labelled(spans, seconds)}
                />
              </>
            )}
          </>
        )}
      </Loaded>
    </Card>
  );
}
