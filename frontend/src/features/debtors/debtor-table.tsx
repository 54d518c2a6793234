import { Badge, Button, Card, Group, Table, Text } from '@mantine/core';
import { IconChevronRight, IconChevronsLeft } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { components } from '@/api/schema.gen';
import type { Debtor } from '@/api/types';
import { askFirst } from '@/components/confirm';
import { RowMenu } from '@/components/row-menu';
import { showError } from '@/lib/feedback';
import { formatDate, formatNumber, formatPhone } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { DebtorStatusBadge } from './debtor-status';

type Props = {
  page: components['schemas']['List_Debtor'];
  first: boolean;
  /** Whether the page still shows the answer to an earlier filter. */
  stale: boolean;
  mayManage: boolean;
  onEdit: (debtor: Debtor) => void;
  onFirst: () => void;
  onNext: (cursor: string) => void;
};

export function DebtorTable({ page, first, stale, mayManage, onEdit, onFirst, onNext }: Props) {
  const { t } = useTranslation('debtors');
  const language = useLanguage();
  return (
    <Card padding={0} style={{ opacity: stale ? 0.6 : 1 }} aria-busy={stale}>
      <Table.ScrollContainer minWidth={760}>
        <Table highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('name')}</Table.Th>
              <Table.Th>{t('reference')}</Table.Th>
              <Table.Th ta="right">{t('amount')}</Table.Th>
              <Table.Th>{t('due_date')}</Table.Th>
              <Table.Th>{t('status_label')}</Table.Th>
              <Table.Th>{t('tags')}</Table.Th>
              <Table.Th w={50} aria-label={t('actions')} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {page.items.map((debtor) => (
              <Table.Tr key={debtor.id} data-testid={`debtor-${debtor.id}`}>
                <Table.Td>
                  <Text size="sm" fw={600}>
                    {debtor.name}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {formatPhone(debtor.phone)}
                  </Text>
                </Table.Td>
                <Table.Td>{debtor.reference ?? '—'}</Table.Td>
                <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
                  {debtor.amount?.text ?? '—'}
                </Table.Td>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>{formatDate(debtor.due_date, language)}</Table.Td>
                <Table.Td>
                  <DebtorStatusBadge status={debtor.status} />
                </Table.Td>
                <Table.Td>
                  <Group gap={4}>
                    {debtor.tags.map((tag) => (
                      <Badge key={tag} color="gray">
                        {tag}
                      </Badge>
                    ))}
                  </Group>
                </Table.Td>
                <Table.Td>{mayManage && <DebtorMenu debtor={debtor} onEdit={() => onEdit(debtor)} />}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Group justify="space-between" p="sm">
        <Text size="sm" c="dimmed" data-testid="debtor-total">
          {page.total != null && t('total', { count: page.total, total: formatNumber(page.total, language) })}
        </Text>
        <Group gap="xs">
          {!first && (
            <Button size="xs" variant="default" leftSection={<IconChevronsLeft size={15} />} onClick={onFirst}>
              {t('first')}
            </Button>
          )}
          <Button
            size="xs"
            variant="default"
            rightSection={<IconChevronRight size={15} />}
            disabled={!page.next_cursor}
            onClick={() => page.next_cursor && onNext(page.next_cursor)}
          >
            {t('next')}
          </Button>
        </Group>
      </Group>
    </Card>
  );
}

function DebtorMenu({ debtor, onEdit }: { debtor: Debtor; onEdit: () => void }) {
  const { t } = useTranslation('debtors');
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE('/api/debtors/{id}', { params: { path: { id: debtor.id } } })),
    onError: showError,
    onSettled: () => Promise.all([keys.debtors, keys.tags, keys.dashboard].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  const ask = () =>
    askFirst({
      title: t('remove.title', { name: debtor.name }),
      text: t('remove.text'),
      confirm: common('action.delete'),
      onConfirm: () => remove.mutate(),
    });
  return <RowMenu label={t('menu', { name: debtor.name })} busy={remove.isPending} onEdit={onEdit} onDelete={ask} />;
}
