import { Alert, Box, Button, Checkbox, Group, Pagination, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ImportForecast } from '@/api/types';
import { TextLink } from '@/components/link-button';
import { ValueChanges } from '@/components/value-changes';
import { formatNumber, formatPhone } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { decide, decideAll, updates, type Decision } from './duplicates';

const pageSize = 20;

type Props = { forecast: ImportForecast; decision: Decision; settled: boolean; onDecide: (decision: Decision) => void };

/** The rows that say something else than is known: as examples, or to be decided on one by one. On a phone what changes is below the name. */
export function DifferenceTable({ forecast, decision, settled, onDecide }: Props) {
  const { t } = useTranslation('imports');
  const [page, turn] = useState(1);
  const all = forecast.differences;
  const asked = decision.ask;
  const pages = asked ? Math.ceil(all.length / pageSize) : 1;
  const shown = all.slice((Math.min(page, pages) - 1) * pageSize, Math.min(page, pages) * pageSize);
  const others = forecast.differing - all.length;
  return (
    <Stack gap="xs">
      {asked && (
        <Group gap="xs">
          <Button size="compact-sm" variant="default" disabled={settled} onClick={() => onDecide(decideAll(decision, true))}>
            {t('known.update_all')}
          </Button>
          <Button size="compact-sm" variant="default" disabled={settled} onClick={() => onDecide(decideAll(decision, false))}>
            {t('known.leave_all')}
          </Button>
        </Group>
      )}
      <Table striped aria-label={t('known.changes')}>
        <Table.Thead>
          <Table.Tr>
            {asked && <Table.Th w={44} aria-label={t('known.update')} />}
            <Table.Th w={60}>{t('row')}</Table.Th>
            <Table.Th w={{ sm: '30%' }}>{t('known.debtor')}</Table.Th>
            <Table.Th visibleFrom="sm">{t('known.changes')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((row) => (
            <Table.Tr key={row.row} data-testid={`differs-${row.row}`}>
              {asked && (
                <Table.Td>
                  <Checkbox
                    aria-label={t('known.update_one', { name: row.name, row: row.row })}
                    checked={updates(decision, row.row)}
                    disabled={settled}
                    onChange={(event) => onDecide(decide(decision, row.row, event.currentTarget.checked))}
                  />
                </Table.Td>
              )}
              <Table.Td>{row.row}</Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                <TextLink to="/debtors/$id" params={{ id: row.debtor_id }} size="sm" target="_blank">
                  {row.name}
                </TextLink>
                <Text size="xs" c="dimmed">
                  {formatPhone(row.phone)}
                </Text>
                <Box hiddenFrom="sm" mt={4}>
                  <ValueChanges changes={row.changes} />
                </Box>
              </Table.Td>
              <Table.Td visibleFrom="sm" style={{ overflowWrap: 'anywhere' }}>
                <ValueChanges changes={row.changes} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {pages > 1 && (
        <Pagination
          size="sm"
          total={pages}
          value={Math.min(page, pages)}
          onChange={turn}
          aria-label={t('known.pages')}
          getControlProps={(control) => ({ 'aria-label': t(control === 'previous' ? 'known.previous_page' : 'known.next_page') })}
        />
      )}
      {asked && others > 0 && <NotListed count={others} update={decision.update_existing} />}
      {!asked && forecast.differing > shown.length && (
        <Text size="sm" c="dimmed">
          {t('known.first', { count: shown.length })}
        </Text>
      )}
    </Stack>
  );
}

/** That some rows are not in the list, and what becomes of them. */
function NotListed({ count, update }: { count: number; update: boolean }) {
  const { t } = useTranslation('imports');
  const language = useLanguage();
  return (
    <Alert color="yellow" py="xs">
      {t(update ? 'known.others_updated' : 'known.others_left', { count, rows: formatNumber(count, language) })}
    </Alert>
  );
}
