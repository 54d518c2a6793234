import { ScrollArea, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { components } from '@/api/schema.gen';
import { formatPhone } from '@/lib/format';

type Row = components['schemas']['RejectedRow'];

/** Rows that there is something to say of, each with its reason. */
export function ReasonTable({ rows, height = 420 }: { rows: Row[]; height?: number }) {
  const { t } = useTranslation('imports');
  return (
    <ScrollArea.Autosize mah={height}>
      <Table striped>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={80}>{t('row')}</Table.Th>
            <Table.Th>{t('reason_label')}</Table.Th>
            <Table.Th>{t('value')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, place) => (
            <Table.Tr key={place}>
              <Table.Td>{row.row}</Table.Td>
              <Table.Td>
                {t(`reason.${row.reason}`, { defaultValue: row.reason })}
                {row.proposal && (
                  <Text size="sm" c="dimmed">
                    {t(`slip.${row.proposal.slip}`)}: {t('meant', { phone: formatPhone(row.proposal.phone) })}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                {row.column && (
                  <Text span c="dimmed" size="sm">
                    {row.column}:{' '}
                  </Text>
                )}
                <bdi>{row.value || '—'}</bdi>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea.Autosize>
  );
}
