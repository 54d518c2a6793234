import { Badge, Button, Card, Group, Modal, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { fieldErrors } from '@/api/problem';
import { keys } from '@/api/queries';
import type { components } from '@/api/schema.gen';
import type { Debtor } from '@/api/types';
import { Loaded, LoadingRows } from '@/components/states';
import { showError } from '@/lib/feedback';
import { formatDate } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { AmountFields } from './amount-fields';
import { amountOf } from './money';
import { standingQuery } from './queries';

type Promised = components['schemas']['Promise'];
const outcomes = ['kept', 'broken', 'withdrawn'] as const;

/** What a debtor has promised and nobody knows the outcome of yet. */
export function Promises({ debtor }: { debtor: Debtor }) {
  const { t } = useTranslation('debtors');
  const standing = useQuery(standingQuery(debtor.id));
  const [adding, add] = useState(false);
  return (
    <Card component="section" aria-label={t('promise.title')}>
      <Group justify="space-between" mb="sm">
        <Title order={2} fz="md">
          {t('promise.title')}
        </Title>
        <Button size="xs" variant="light" leftSection={<IconPlus size={15} />} onClick={() => add(true)}>
          {t('promise.add')}
        </Button>
      </Group>
      <Loaded query={standing} loading={<LoadingRows rows={1} height={40} />}>
        {({ promises }) =>
          promises.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t('promise.none')}
            </Text>
          ) : (
            <Stack gap="md">
              {promises.map((promise) => (
                <OpenPromise key={promise.id} promise={promise} debtor={debtor} />
              ))}
            </Stack>
          )
        }
      </Loaded>
      {adding && <PromiseForm debtor={debtor} onClose={() => add(false)} />}
    </Card>
  );
}

function OpenPromise({ promise, debtor }: { promise: Promised; debtor: Debtor }) {
  const { t } = useTranslation('debtors');
  const language = useLanguage();
  const queries = useQueryClient();
  const close = useMutation({
    mutationFn: (status: (typeof outcomes)[number]) =>
      unwrap(api.PATCH('/api/promises/{id}', { params: { path: { id: promise.id } }, body: { status } })),
    onError: showError,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.debtors }),
  });
  return (
    <Stack gap={6} role="group" aria-label={t('promise.of', { date: formatDate(promise.due_date, language), name: debtor.name })}>
      <Group gap="xs">
        <Text fw={600}>{promise.amount?.text ?? t('promise.no_amount')}</Text>
        <Text size="sm" c="dimmed">
          {t('promise.by', { date: formatDate(promise.due_date, language) })}
        </Text>
        {promise.late && <Badge color="red">{t('promise.late')}</Badge>}
      </Group>
      <Group gap="xs">
        {outcomes.map((outcome) => (
          <Button key={outcome} size="compact-xs" variant="default" disabled={close.isPending} onClick={() => close.mutate(outcome)}>
            {t(`promise.${outcome}`)}
          </Button>
        ))}
      </Group>
    </Stack>
  );
}

function PromiseForm({ debtor, onClose }: { debtor: Debtor; onClose: () => void }) {
  const { t } = useTranslation('debtors');
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { amount: '' as number | '', currency: debtor.amount?.currency ?? 'COP', due_date: '' },
    validate: { due_date: (date) => (date ? null : common('error.required')) },
  });
  const save = useMutation({
    mutationFn: ({ amount, currency, due_date }: typeof form.values) => {
      const body = { amount: amountOf(amount, currency), due_date };
      return unwrap(api.POST('/api/debtors/{id}/promises', { params: { path: { id: debtor.id } }, body }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: keys.debtors });
      onClose();
    },
    onError: (error) => {
      const { 'amount.currency': currency, 'amount.minor': amount, due_date } = fieldErrors(error);
      if (currency || amount || due_date) form.setErrors({ currency, amount, due_date });
      else showError(error);
    },
  });
  return (
    <Modal opened onClose={onClose} title={<Text fw={650}>{t('promise.add')}</Text>}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack>
          <TextInput label={t('promise.date')} type="date" required data-autofocus {...form.getInputProps('due_date')} />
          <AmountFields form={form} label={t('promise.amount')} />
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
