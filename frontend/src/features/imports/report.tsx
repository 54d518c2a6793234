import { DonutChart } from '@mantine/charts';
import { Alert, Box, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Import } from '@/api/types';
import { formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { ReasonTable } from './reason-table';

const parts = {
  inserted: 'pine.6',
  updated: 'blue.6',
  debts_added: 'violet.5',
  unchanged: 'cyan.4',
  duplicates: 'gray.5',
  rejected: 'red.6',
} as const;

/** What became of the rows, and why some were refused; with what can be done next. */
export function Report({ done, children }: { done: Import; children: ReactNode }) {
  const { t } = useTranslation('imports');
  const language = useLanguage();
  const { report } = done;
  if (!report) return <Alert color="red">{t('failed')}</Alert>;
  const told = report.rejected + report.duplicates + report.warnings;
  const counts = (Object.keys(parts) as (keyof typeof parts)[]).map((name) => ({
    name: t(`count.${name}`),
    key: name,
    value: report[name],
    color: parts[name],
  }));
  return (
    <Stack gap="lg">
      <Card component="section" aria-label={t('step.report')} data-testid="import-report">
        <Group gap="xl" justify="center">
          <DonutChart
            data={counts.filter(({ value }) => value > 0)}
            size={150}
            thickness={20}
            paddingAngle={2}
            chartLabel={formatNumber(done.rows, language)}
          />
          <Stack gap={8} miw={230}>
            {counts.map(({ key, name, value, color }) => (
              <Group key={key} justify="space-between" gap="lg">
                <Group gap={8}>
                  <Box w={11} h={11} bg={color} style={{ borderRadius: 3 }} />
                  <Text size="sm">{name}</Text>
                </Group>
                <Text fw={700} data-testid={`import-${key}`}>
                  {formatNumber(value, language)}
                </Text>
              </Group>
            ))}
          </Stack>
        </Group>
        {report.corrected > 0 && (
          <Text size="sm" ta="center" mt="md">
            {t('corrected', { count: report.corrected })}
          </Text>
        )}
        {report.changed_meanwhile > 0 && (
          <Alert color="yellow" mt="md" data-testid="import-changed-meanwhile">
            {t('changed_meanwhile', {
              count: report.changed_meanwhile,
              number: formatNumber(report.changed_meanwhile, language),
              rows: report.changed_rows.join(', '),
            })}
          </Alert>
        )}
        <Group justify="center" mt="lg">
          {children}
        </Group>
      </Card>
      {told > 0 && (
        <Group justify="flex-end">
          <Button
            component="a"
            href={`/api/debtors/imports/${done.id}/rejected?language=${language}`}
            download
            size="xs"
            variant="light"
            leftSection={<IconDownload size={15} />}
          >
            {t('download', { count: told, rows: formatNumber(told, language) })}
          </Button>
        </Group>
      )}
      {report.rows.length > 0 && (
        <Card component="section" aria-label={t('reasons')}>
          <Title order={2} fz="md" mb="sm">
            {t('reasons')}
          </Title>
          <ReasonTable rows={report.rows} />
        </Card>
      )}
      {report.warned.length > 0 && (
        <Card component="section" aria-label={t('warned')} data-testid="import-warned">
          <Title order={2} fz="md" mb="sm">
            {t('warned')}
          </Title>
          <ReasonTable rows={report.warned} />
        </Card>
      )}
    </Stack>
  );
}
