import { Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { Campaign } from '@/api/types';
import { askFirst } from '@/components/confirm';
import { showError } from '@/lib/feedback';

/** Sends once more what has failed, after it has asked; a campaign that is paused goes on by it. */
export function useRetry({ id, status, counts }: Campaign) {
  const { t } = useTranslation('campaigns');
  const queries = useQueryClient();
  const retry = useMutation({
    mutationFn: () => unwrap(api.POST('/api/campaigns/{id}/retry', { params: { path: { id } } })),
    onSuccess: (changed) => queries.setQueryData(keys.campaign(id), changed),
    onError: showError,
    onSettled: () => Promise.all([keys.campaigns, keys.messages(id)].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  return {
    isAllowed: counts.failed > 0 && (status === 'running' || status === 'paused' || status === 'finished'),
    isPending: retry.isPending,
    ask: () =>
      askFirst({
        title: t('confirm.retry_title'),
        text: t('confirm.retry_text', { count: counts.failed }),
        details: status === 'paused' && <Text size="sm">{t('confirm.retry_goes_on')}</Text>,
        confirm: t('action.retry'),
        danger: false,
        onConfirm: () => retry.mutate(),
      }),
  };
}
