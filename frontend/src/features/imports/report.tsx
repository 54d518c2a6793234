import { DonutChart } from '@mantine/charts';
import { Alert, Box, Button, Card, Group, ScrollArea, Stack, Table, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Import } from '@/api/types';
import { LinkButton } from '@/components/link-button';
import { formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';

const parts = { inserted: 'pine.6', updated: 'blue.6', duplicates: 'gray.5', rejected: 'red.6' } as const;

/** What became of the rows, and why some were refused. */
export function Report({ done, onAgain }: { done: Import; onAgain: () => void }) {
  const { t } = useTranslation('imports');
  const language = useLanguage();
  const { report } = done;
  if (!report) return <Alert color="red">{t('failed')}</Alert>;
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
        <Group justify="center" mt="lg">
          <Button variant="default" onClick={onAgain}>
            {t('again')}
          </Button>
          <LinkButton to="/debtors">{t('see_debtors')}</LinkButton>
        </Group>
      </Card>
      {report.rows.length > 0 && (
        <Card component="section" aria-label={t('reasons')}>
          <Group justify="space-between" mb="sm">
            <Title order={2} fz="md">
              {t('reasons')}
            </Title>
            {report.rejected > 0 && (
              <Button
                component="a"
                href={`/api/debtors/imports/${done.id}/rejected.csv`}
                download
                size="xs"
                variant="light"
                leftSection={<IconDownload size={15} />}
              >
                {t('download')}
              </Button>
            )}
          </Group>
          <ScrollArea.Autosize mah={420}>
            <Table striped>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th w={80}>{t('row')}</Table.Th>
                  <Table.Th>{t('reason_label')}</Table.Th>
                  <Table.Th>{t('value')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {report.rows.map((row, place) => (
                  <Table.Tr key={place}>
                    <Table.Td>{row.row}</Table.Td>
                    <Table.Td>{t(`reason.${row.reason}`, { defaultValue: row.reason })}</Table.Td>
                    <Table.Td>
                      {row.column && (
                        <Text span c="dimmed" size="sm">
                          {row.column}:{' '}
                        </Text>
                      )}
                      {row.value || '—'}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </ScrollArea.Autosize>
        </Card>
      )}
    </Stack>
  );
}
