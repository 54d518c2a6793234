import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { fieldErrors } from '@/api/problem';
import { keys } from '@/api/queries';
import type { Debt, Debtor } from '@/api/types';
import { showError } from '@/lib/feedback';
import { AmountFields } from './amount-fields';
import { amountOf, fromMinor } from './money';

type Props = { debtor: Debtor; debt: Debt | null; onClose: () => void };
type Values = { reference: string; amount: number | ''; currency: string; due_date: string };

function bodyOf({ reference, amount, currency, due_date }: Values) {
  return {
    reference: reference.trim() || null,
    amount: amountOf(amount, currency),
    due_date: due_date || null,
  };
}

/** Adds a debt of somebody, or changes one. */
export function DebtForm({ debtor, debt, onClose }: Props) {
  const { t } = useTranslation('debtors');
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const currency = debt?.amount?.currency ?? debtor.amount?.currency ?? 'COP';
  const form = useForm<Values>({
    initialValues: {
      reference: debt?.reference ?? '',
      amount: debt?.amount ? fromMinor(debt.amount.minor, currency) : '',
      currency,
      due_date: debt?.due_date ?? '',
    },
    validate: {
      reference: (reference, { amount, due_date }) => (reference.trim() || amount !== '' || due_date ? null : t('debt.nothing')),
    },
  });
  const save = useMutation({
    mutationFn: (values: Values) => {
      const body = bodyOf(values);
      return debt
        ? unwrap(api.PATCH('/api/debts/{id}', { params: { path: { id: debt.id } }, body }))
        : unwrap(api.POST('/api/debtors/{id}/debts', { params: { path: { id: debtor.id } }, body }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: keys.debtors });
      onClose();
    },
    onError: (error) => {
      const { 'amount.currency': currency, 'amount.minor': amount, reference, due_date } = fieldErrors(error);
      if (currency || amount || reference || due_date) form.setErrors({ currency, amount, reference, due_date });
      else showError(error);
    },
  });
  return (
    <Modal opened onClose={onClose} title={<Text fw={650}>{debt ? t('debt.edit') : t('debt.add')}</Text>}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack>
          <TextInput label={t('reference')} data-autofocus {...form.getInputProps('reference')} />
          <AmountFields form={form} label={t('amount')} />
          <TextInput label={t('due_date')} type="date" {...form.getInputProps('due_date')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {common('action.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {common('action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
