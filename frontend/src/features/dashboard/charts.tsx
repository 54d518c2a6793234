import { BarChart, DonutChart } from '@mantine/charts';
import { Box, Card, Center, Group, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Dashboard, SessionStatus } from '@/api/types';
import { ChartTable } from '@/components/chart-table';
import { statusColors } from '@/components/session-status';
import { formatHour } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';

/** Messages of the last day, hour by hour. */
export function MessagesByHour({ hours }: { hours: Dashboard['messages_by_hour'] }) {
  const { t } = useTranslation('dashboard');
  const language = useLanguage();
  const data = hours.map(({ hour, sent, failed }) => ({ hour: formatHour(hour, language), sent, failed }));
  const series = [
    { name: 'sent' as const, label: t('sent'), color: 'pine.5' },
    { name: 'failed' as const, label: t('failed'), color: 'red.6' },
  ];
  const none = hours.every(({ sent, failed }) => sent + failed === 0);
  return (
    <Card component="section" aria-label={t('by_hour')}>
      <Title order={2} fz="md" mb="md">
        {t('by_hour')}
      </Title>
      {none ? (
        <Center h={220}>
          <Text c="dimmed" size="sm">
            {t('no_messages')}
          </Text>
        </Center>
      ) : (
        <>
          <BarChart
            aria-hidden
            barChartProps={{ accessibilityLayer: false }}
            h={220}
            data={data}
            dataKey="hour"
            type="stacked"
            gridAxis="x"
            tickLine="none"
            withLegend
            legendProps={{ verticalAlign: 'bottom', height: 30 }}
            series={series}
          />
          <ChartTable label={t('by_hour')} head={{ name: 'hour', label: t('hour') }} series={series} rows={data} />
        </>
      )}
    </Card>
  );
}

/** The fleet by what its sessions are doing. */
export function SessionsByStatus({ sessions }: { sessions: Dashboard['sessions'] }) {
  const { t } = useTranslation('dashboard');
  const { t: common } = useTranslation();
  const parts = Object.entries(sessions.by_status)
    .filter(([, count]) => count > 0)
    .map(([status, value]) => ({
      name: common(`session_status.${status}`),
      value,
      color: `${statusColors[status as SessionStatus] ?? 'gray'}.5`,
    }));
  return (
    <Card component="section" aria-label={t('fleet')}>
      <Title order={2} fz="md" mb="md">
        {t('fleet')}
      </Title>
      {parts.length === 0 ? (
        <Center h={220}>
          <Text c="dimmed" size="sm">
            {t('no_sessions')}
          </Text>
        </Center>
      ) : (
        <Group justify="center" gap="xl" mih={220}>
          <DonutChart
            // The list beside it says the same.
            aria-hidden
            pieChartProps={{ accessibilityLayer: false }}
            data={parts}
            size={150}
            thickness={20}
            paddingAngle={parts.length > 1 ? 3 : 0}
            chartLabel={`${sessions.online}/${sessions.total}`}
          />
          <Stack gap={6}>
            {parts.map((part) => (
              <Group key={part.name} gap="xs">
                <Box w={10} h={10} bg={part.color} style={{ borderRadius: 3 }} />
                <Text size="sm">
                  {part.name} · <b>{part.value}</b>
                </Text>
              </Group>
            ))}
          </Stack>
        </Group>
      )}
    </Card>
  );
}
