import { ActionIcon, Menu } from '@mantine/core';
import { IconCalendarOff, IconCopy, IconDots, IconPencil, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { Campaign } from '@/api/types';
import { askFirst } from '@/components/confirm';
import { showError } from '@/lib/feedback';
import { useRetry } from './use-retry';

/** What is asked of a campaign less often. */
export function CampaignMenu({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns');
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { id, name, status } = campaign;
  const path = { params: { path: { id } } };
  const refresh = () => Promise.all([keys.campaigns, keys.messages(id)].map((queryKey) => queries.invalidateQueries({ queryKey })));
  const settled = { onError: showError, onSettled: refresh };
  const duplicate = useMutation({
    mutationFn: () => unwrap(api.POST('/api/campaigns/{id}/duplicate', path)),
    onSuccess: (copy) => navigate({ to: '/campaigns/$id', params: { id: copy.id } }),
    ...settled,
  });
  const retry = useRetry(campaign);
  const unschedule = useMutation({ mutationFn: () => unwrap(api.POST('/api/campaigns/{id}/unschedule', path)), ...settled });
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE('/api/campaigns/{id}', path)),
    onSuccess: () => navigate({ to: '/campaigns' }),
    ...settled,
  });
  const removable = status === 'draft' || status === 'finished' || status === 'cancelled';
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon
          variant="default"
          size={36}
          aria-label={t('action.more')}
          loading={[duplicate, retry, unschedule, remove].some(({ isPending }) => isPending)}
        >
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {(status === 'draft' || status === 'paused') && (
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => void navigate({ to: '/campaigns/$id/edit', params: { id } })}>
            {common('action.edit')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => duplicate.mutate()}>
          {t('action.duplicate')}
        </Menu.Item>
        {retry.isAllowed && (
          <Menu.Item leftSection={<IconRefresh size={16} />} onClick={retry.ask}>
            {t('action.retry')}
          </Menu.Item>
        )}
        {status === 'scheduled' && (
          <Menu.Item leftSection={<IconCalendarOff size={16} />} onClick={() => unschedule.mutate()}>
            {t('action.unschedule')}
          </Menu.Item>
        )}
        {removable && (
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} />}
            onClick={() =>
              askFirst({
                title: t('confirm.remove_title', { name }),
                text: t('confirm.remove_text'),
                confirm: t('action.remove'),
                onConfirm: () => remove.mutate(),
              })
            }
          >
            {t('action.remove')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
