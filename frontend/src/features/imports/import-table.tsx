import { ActionIcon, Card, Table, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ListedImport } from '@/api/types';
import { TextLink } from '@/components/link-button';
import { formatInstant, formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { ImportStatusBadge } from './import-status';

const numbers = ['inserted', 'updated', 'debts_added', 'unchanged', 'duplicates', 'rejected'] as const;

export function ImportTable({ imports }: { imports: ListedImport[] }) {
  const { t } = useTranslation('imports');
  return (
    <Card padding={0}>
      <Table.ScrollContainer minWidth={980}>
        <Table highlightOnHover horizontalSpacing="sm" aria-label={t('list.title')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('list.file')}</Table.Th>
              <Table.Th>{t('list.who')}</Table.Th>
              <Table.Th>{t('list.status')}</Table.Th>
              {numbers.map((name) => (
                <Table.Th key={name} ta="right">
                  {t(`count.${name}`)}
                </Table.Th>
              ))}
              <Table.Th w={50} aria-label={t('list.actions')} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {imports.map((one) => (
              <ImportRow key={one.id} one={one} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  );
}

function ImportRow({ one }: { one: ListedImport }) {
  const { t } = useTranslation('imports');
  const language = useLanguage();
  const { id, file_name: file, counts } = one;
  const told = counts ? counts.rejected + counts.duplicates + counts.warnings : 0;
  return (
    <Table.Tr data-testid={`import-${id}`}>
      <Table.Td miw={170} style={{ overflowWrap: 'anywhere' }}>
        <TextLink to="/debtors/imports/$id" params={{ id }} size="sm" fw={600}>
          {file}
        </TextLink>
        <Text size="xs" c="dimmed">
          {t('rows', { count: one.rows, rows: formatNumber(one.rows, language) })}
        </Text>
      </Table.Td>
      <Table.Td>
        {one.created_by.name}
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          {formatInstant(one.created_at, language)}
        </Text>
      </Table.Td>
      <Table.Td>
        <ImportStatusBadge status={one.status} />
      </Table.Td>
      {numbers.map((name) => (
        <Table.Td key={name} ta="right">
          {counts ? formatNumber(counts[name], language) : '—'}
        </Table.Td>
      ))}
      <Table.Td>
        {told > 0 && (
          <ActionIcon
            component="a"
            href={`/api/debtors/imports/${id}/rejected?language=${language}`}
            download
            variant="subtle"
            color="gray"
            aria-label={t('list.download', { file })}
            title={t('list.download', { file })}
          >
            <IconDownload size={18} />
          </ActionIcon>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
