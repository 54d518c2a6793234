import { Button, Card, Group, Table, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { Debt, DebtorWithDebts } from '@/api/types';
import { askFirst } from '@/components/confirm';
import { RowMenu } from '@/components/row-menu';
import { showError } from '@/lib/feedback';
import { formatDate, formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { DebtForm } from './debt-form';

type Props = { debtor: DebtorWithDebts; mayManage: boolean };

/** What somebody owes, a row for each account. */
export function Debts({ debtor, mayManage }: Props) {
  const { t } = useTranslation('debtors');
  const [form, setForm] = useState<{ debt: Debt | null } | null>(null);
  return (
    <Card component="section" aria-label={t('debt.title')}>
      <Group justify="space-between" mb="sm">
        <Title order={2} fz="md">
          {t('debt.title')}
        </Title>
        {mayManage && (
          <Button size="xs" variant="light" leftSection={<IconPlus size={15} />} onClick={() => setForm({ debt: null })}>
            {t('debt.add')}
          </Button>
        )}
      </Group>
      {debtor.debts.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('debt.none')}
        </Text>
      ) : (
        <DebtTable debtor={debtor} mayManage={mayManage} onEdit={(debt) => setForm({ debt })} />
      )}
      {form && <DebtForm debtor={debtor} debt={form.debt} onClose={() => setForm(null)} />}
    </Card>
  );
}

function DebtTable({ debtor, mayManage, onEdit }: Props & { onEdit: (debt: Debt) => void }) {
  const { t } = useTranslation('debtors');
  return (
    <Table aria-label={t('debt.title')} horizontalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('reference')}</Table.Th>
          <Table.Th ta="right">{t('amount')}</Table.Th>
          <Table.Th>{t('due_date')}</Table.Th>
          {mayManage && <Table.Th w={40} aria-label={t('actions')} />}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {debtor.debts.map((debt) => (
          <DebtRow key={debt.id} debt={debt} mayManage={mayManage} onEdit={() => onEdit(debt)} />
        ))}
      </Table.Tbody>
      {debtor.debts.length > 1 && (
        <Table.Tfoot>
          <Table.Tr>
            <Table.Th>{t('debt.total')}</Table.Th>
            {debtor.amount ? (
              <Table.Th ta="right" style={{ whiteSpace: 'nowrap' }}>
                {debtor.amount.text}
              </Table.Th>
            ) : (
              <Table.Td colSpan={mayManage ? 3 : 2}>
                <Text size="xs" c="dimmed">
                  {t('debt.no_total')}
                </Text>
              </Table.Td>
            )}
          </Table.Tr>
        </Table.Tfoot>
      )}
    </Table>
  );
}

function DebtRow({ debt, mayManage, onEdit }: { debt: Debt; mayManage: boolean; onEdit: () => void }) {
  const { t } = useTranslation('debtors');
  const { t: common } = useTranslation();
  const language = useLanguage();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE('/api/debts/{id}', { params: { path: { id: debt.id } } })),
    onError: showError,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.debtors }),
  });
  const reference = debt.reference ?? t('debt.no_reference');
  const ask = () =>
    askFirst({
      title: t('debt.remove', { reference }),
      text: t('debt.remove_text'),
      confirm: common('action.delete'),
      onConfirm: () => remove.mutate(),
    });
  const days = debt.days_overdue ?? 0;
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>
        {debt.reference ?? '—'}
        {debt.import && (
          <Text size="xs" c="dimmed">
            {debt.import.name}
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
        {debt.amount?.text ?? '—'}
      </Table.Td>
      <Table.Td>
        {formatDate(debt.due_date, language)}
        {days > 0 && (
          <Text size="xs" c="red">
            {t('debt.overdue', { count: days, days: formatNumber(days, language) })}
          </Text>
        )}
      </Table.Td>
      {mayManage && (
        <Table.Td>
          <RowMenu label={t('debt.menu', { reference })} busy={remove.isPending} onEdit={onEdit} onDelete={ask} />
        </Table.Td>
      )}
    </Table.Tr>
  );
}
