import { Button, Drawer, Group, Select, Stack, Table, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { errorsUnder, fieldErrors } from '@/api/problem';
import { keys } from '@/api/queries';
import type { Debtor } from '@/api/types';
import { showError } from '@/lib/feedback';
import { debtorStatuses } from '@/lib/statuses';
import { AmountFields } from './amount-fields';
import { bodyOf, hasSeveralDebts, needsReason, valuesOf, type DebtorValues } from './debtor-values';

type Props = { debtor: Debtor | null; onClose: () => void };

/** Adds a debtor, or changes one. */
export function DebtorForm({ debtor, onClose }: Props) {
  const { t } = useTranslation('debtors');
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const required = (value: string) => (value.trim() ? null : common('error.required'));
  const form = useForm<DebtorValues>({
    initialValues: valuesOf(debtor),
    validate: {
      phone: required,
      name: required,
      reason: (reason, { status }) => (needsReason(debtor, status) ? required(reason) : null),
    },
  });
  const save = useMutation({
    mutationFn: (values: DebtorValues) => {
      const body = bodyOf(values, debtor);
      return debtor
        ? unwrap(
            api.PATCH('/api/debtors/{id}', {
              params: { path: { id: debtor.id } },
              body: { ...body, reason: needsReason(debtor, values.status) ? values.reason : undefined },
            }),
          )
        : unwrap(api.POST('/api/debtors', { body }));
    },
    onSuccess: async () => {
      await Promise.all([keys.debtors, keys.tags, keys.dashboard].map((queryKey) => queries.invalidateQueries({ queryKey })));
      onClose();
    },
    onError: (error) => {
      const { 'amount.currency': currency, 'amount.minor': amount, ...fields } = fieldErrors(error);
      const tags = Object.values(errorsUnder('tags', fields))[0];
      if (Object.keys(fields).length > 0 || currency || amount) form.setErrors({ currency, amount, ...fields, tags });
      else showError(error);
    },
  });
  const own = Object.entries(debtor?.fields ?? {});

  return (
    <Drawer opened onClose={onClose} size="md" title={<Text fw={650}>{debtor ? t('edit_title') : t('add_title')}</Text>}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack>
          <TextInput label={t('name')} required data-autofocus {...form.getInputProps('name')} />
          <TextInput
            label={t('phone')}
            description={t('phone_hint')}
            placeholder="+57 300 111 2233"
            required
            type="tel"
            {...form.getInputProps('phone')}
          />
          {debtor && hasSeveralDebts(debtor) ? (
            <Text size="sm" c="dimmed">
              {t('debt.several', { count: debtor.debt_count })}
            </Text>
          ) : (
            <>
              <TextInput label={t('reference')} {...form.getInputProps('reference')} />
              <AmountFields form={form} label={t('amount')} />
              <TextInput label={t('due_date')} type="date" {...form.getInputProps('due_date')} />
            </>
          )}
          <TagsInput label={t('tags')} description={t('tags_hint')} {...form.getInputProps('tags')} />
          <Select
            label={t('status_label')}
            description={t('status_hint')}
            allowDeselect={false}
            data={debtorStatuses.map((value) => ({ value, label: t(`status.${value}`) }))}
            {...form.getInputProps('status')}
          />
          {needsReason(debtor, form.values.status) && (
            <Textarea label={t('reason')} description={t('reason_hint')} required autosize {...form.getInputProps('reason')} />
          )}
          {own.length > 0 && (
            <Table variant="vertical" layout="fixed" aria-label={t('own_fields')}>
              <Table.Tbody>
                {own.map(([name, value]) => (
                  <Table.Tr key={name}>
                    <Table.Th w={150}>{name}</Table.Th>
                    <Table.Td>{value}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {common('action.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {debtor ? common('action.save') : t('add')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Drawer>
  );
}
