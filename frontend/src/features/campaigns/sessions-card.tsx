import { BarChart } from '@mantine/charts';
import { Card, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Campaign } from '@/api/types';
import { Loaded } from '@/components/states';
import { NumbersTable } from './numbers-table';
import { campaignSessionsQuery } from './queries';
import { apart } from './shares';

/** Who sent how many, and how each number is. */
export function SessionsCard({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns');
  const { t: common } = useTranslation();
  const sessions = useQuery(campaignSessionsQuery(campaign.id));
  return (
    <Card component="section" aria-label={t('by_number')} mt="lg">
      <Title order={2} fz="md" mb="sm">
        {t('by_number')}
      </Title>
      <Loaded query={sessions}>
        {(items) => (
          <>
            {items.length === 0 ? (
              <Text size="sm" c="dimmed">
                {t('by_number_none')}
              </Text>
            ) : (
              <BarChart
                // The table says the same.
                aria-hidden
                barChartProps={{ accessibilityLayer: false }}
                h={60 + items.length * 38}
                orientation="vertical"
                type="stacked"
                data={items.map(({ session, ...share }) => ({ name: session.name, ...apart(share) }))}
                dataKey="name"
                gridAxis="y"
                tickLine="none"
                withLegend
                legendProps={{ verticalAlign: 'bottom', height: 28 }}
                yAxisProps={{ width: 120 }}
                xAxisProps={{ allowDecimals: false }}
                series={[
                  { name: 'read', label: common('message_state.read'), color: 'blue.6' },
                  { name: 'delivered', label: common('message_state.delivered'), color: 'pine.6' },
                  { name: 'sent', label: common('message_state.sent'), color: 'pine.3' },
                  { name: 'failed', label: common('message_state.failed'), color: 'red.6' },
                ]}
              />
            )}
            <NumbersTable campaign={campaign} shares={items} />
          </>
        )}
      </Loaded>
    </Card>
  );
}
