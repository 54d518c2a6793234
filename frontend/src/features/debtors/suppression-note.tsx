import { Alert, Box, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconBan } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { Debtor } from '@/api/types';
import { ErrorState } from '@/components/states';
import { showError } from '@/lib/feedback';
import { formatInstant } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { standingQuery } from './queries';

type Props = { debtor: Debtor; mayManage: boolean };

/** Whether the number is never written to, and the way to change that, for a reason that is kept. */
export function SuppressionNote({ debtor, mayManage }: Props) {
  const { t } = useTranslation('debtors');
  const language = useLanguage();
  const { data: standing, error, isError, refetch } = useQuery(standingQuery(debtor.id));
  const [asking, ask] = useState(false);
  // Nothing here would say that they may be written to.
  if (!standing && isError) {
    return (
      <Box mb="lg">
        <ErrorState error={error} retry={() => void refetch()} />
      </Box>
    );
  }
  if (!standing) return null;
  const suppression = standing.suppression;
  const change = mayManage && (
    <Button size="xs" variant="default" leftSection={<IconBan size={15} />} onClick={() => ask(true)}>
      {t(suppression ? 'suppression.lift' : 'suppression.add')}
    </Button>
  );
  return (
    <>
      {suppression ? (
        <Alert color="red" mb="lg" title={t('suppression.title')}>
          <Stack gap="sm" align="flex-start">
            <Text size="sm">
              {suppression.reason === 'opted_out' ? t('status.opted_out') : suppression.reason} ·{' '}
              {[suppression.created_by?.name, formatInstant(suppression.created_at, language)].filter(Boolean).join(' · ')}
            </Text>
            {change}
          </Stack>
        </Alert>
      ) : (
        change && <Group mb="lg">{change}</Group>
      )}
      {asking && <Why debtor={debtor} lifting={suppression !== null} onClose={() => ask(false)} />}
    </>
  );
}

function Why({ debtor, lifting, onClose }: { debtor: Debtor; lifting: boolean; onClose: () => void }) {
  const { t } = useTranslation('debtors');
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const save = useMutation({
    mutationFn: () => {
      const body = { phone: debtor.phone, reason: reason.trim() };
      return lifting ? unwrap(api.POST('/api/suppressions/lift', { body })) : unwrap(api.POST('/api/suppressions', { body }));
    },
    onSuccess: onClose,
    onError: showError,
    onSettled: () => Promise.all([keys.debtors, keys.suppressions].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  const title = t(lifting ? 'suppression.lift' : 'suppression.add');
  return (
    <Modal opened onClose={onClose} title={<Text fw={650}>{title}</Text>}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (reason.trim()) save.mutate();
        }}
      >
        <Stack>
          <TextInput
            label={t('suppression.reason')}
            required
            maxLength={500}
            data-autofocus
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {common('action.cancel')}
            </Button>
            <Button type="submit" color="red" loading={save.isPending} disabled={!reason.trim()}>
              {title}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
