import { Button } from '@mantine/core';
import { IconBan, IconCalendarTime, IconPlayerPause, IconPlayerPlay, IconRefresh, IconRocket } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { Campaign } from '@/api/types';
import { askFirst } from '@/components/confirm';
import { showError } from '@/lib/feedback';
import { progressOf } from '@/lib/progress';
import { LaunchPreview } from './launch-preview';
import { useRetry } from './use-retry';

type Action = 'start' | 'schedule' | 'pause' | 'resume' | 'cancel';

const send: Record<Action, (id: number) => Promise<Campaign>> = {
  start: (id) => unwrap(api.POST('/api/campaigns/{id}/start', { params: { path: { id } } })),
  schedule: (id) => unwrap(api.POST('/api/campaigns/{id}/schedule', { params: { path: { id } } })),
  pause: (id) => unwrap(api.POST('/api/campaigns/{id}/pause', { params: { path: { id } } })),
  resume: (id) => unwrap(api.POST('/api/campaigns/{id}/resume', { params: { path: { id } } })),
  cancel: (id) => unwrap(api.POST('/api/campaigns/{id}/cancel', { params: { path: { id } } })),
};

/** What can be asked of a campaign in its status; stopping and launching ask first. */
export function CampaignActions({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns');
  const queries = useQueryClient();
  const { id, name, status } = campaign;
  const act = useMutation({
    mutationFn: (action: Action) => send[action](id),
    onSuccess: (changed) => queries.setQueryData(keys.campaign(id), changed),
    onError: showError,
    onSettled: () => Promise.all([keys.campaigns, keys.messages(id)].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  const ask = (action: 'start' | 'cancel') =>
    askFirst({
      title: t(`confirm.${action}_title`, { name }),
      text: t(`confirm.${action}_text`, { count: progressOf(campaign.counts).left }),
      details: action === 'start' && <LaunchPreview campaign={campaign} />,
      confirm: t(`action.${action}`),
      danger: action === 'cancel',
      onConfirm: () => act.mutate(action),
    });
  const retry = useRetry(campaign);
  const hasFailedTooOften = status === 'paused' && campaign.pause_reason?.split(': ')[0] === 'too_many_errors';
  const over = status === 'finished' || status === 'cancelled';
  return (
    <>
      {!over && (
        <Button variant="default" color="red" leftSection={<IconBan size={17} />} onClick={() => ask('cancel')} disabled={act.isPending}>
          {t('action.cancel')}
        </Button>
      )}
      {status === 'draft' && campaign.plan.starts_at && new Date(campaign.plan.starts_at) > new Date() && (
        <Button
          variant="light"
          leftSection={<IconCalendarTime size={17} />}
          onClick={() => act.mutate('schedule')}
          disabled={act.isPending}
        >
          {t('action.schedule')}
        </Button>
      )}
      {(status === 'draft' || status === 'scheduled') && (
        <Button color="ember" leftSection={<IconRocket size={17} />} onClick={() => ask('start')} loading={act.isPending}>
          {t('action.start')}
        </Button>
      )}
      {status === 'running' && (
        <Button leftSection={<IconPlayerPause size={17} />} onClick={() => act.mutate('pause')} loading={act.isPending}>
          {t('action.pause')}
        </Button>
      )}
      {hasFailedTooOften && retry.isAllowed && (
        <Button
          variant="light"
          leftSection={<IconRefresh size={17} />}
          onClick={retry.ask}
          loading={retry.isPending}
          disabled={act.isPending}
        >
          {t('action.retry')}
        </Button>
      )}
      {status === 'paused' && (
        <Button
          leftSection={<IconPlayerPlay size={17} />}
          onClick={() => act.mutate('resume')}
          loading={act.isPending}
          disabled={retry.isPending}
        >
          {t('action.resume')}
        </Button>
      )}
    </>
  );
}
