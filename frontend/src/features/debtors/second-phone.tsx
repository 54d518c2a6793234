import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconPhoneCheck } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { Debtor } from '@/api/types';
import { askFirst } from '@/components/confirm';
import { showError, showSuccess } from '@/lib/feedback';
import { formatPhone } from '@/lib/format';

/** The way to write to somebody's second phone in place of the first, above all where that is wrong. */
export function SecondPhone({ debtor }: { debtor: Debtor }) {
  const { t } = useTranslation('debtors');
  const queries = useQueryClient();
  const second = debtor.fields.second_phone;
  const swap = useMutation({
    mutationFn: () => unwrap(api.POST('/api/debtors/{id}/second-phone', { params: { path: { id: debtor.id } } })),
    onSuccess: ({ phone }) => showSuccess(t('second_phone.done', { phone: formatPhone(phone) })),
    onError: showError,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.debtors }),
  });
  if (!second) return null;
  const phones = { first: formatPhone(debtor.phone), second: formatPhone(second) };
  const wrong = debtor.status === 'wrong_number';
  const ask = () =>
    askFirst({
      title: t('second_phone.title', phones),
      text: [t('second_phone.text', phones), wrong && t('second_phone.active')].filter(Boolean).join(' '),
      confirm: t('second_phone.action'),
      onConfirm: () => swap.mutate(),
    });
  const button = (
    <Button size="xs" variant="default" leftSection={<IconPhoneCheck size={15} />} loading={swap.isPending} onClick={ask}>
      {t('second_phone.use', phones)}
    </Button>
  );
  if (!wrong) return <Group mb="lg">{button}</Group>;
  return (
    <Alert color="yellow" mb="lg" title={t('second_phone.wrong')}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{t('second_phone.there_is', phones)}</Text>
        {button}
      </Stack>
    </Alert>
  );
}
