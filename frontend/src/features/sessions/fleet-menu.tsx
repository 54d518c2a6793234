import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconPlayerPlay, IconPlayerStop, IconQrcode, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { keys } from '@/api/queries';
import type { Session } from '@/api/types';
import { askFirst } from '@/components/confirm';
import { showError } from '@/lib/feedback';
import { commandSession, type SessionCommand } from './use-session-actions';

type Props = { sessions: Session[]; onWall: () => void };

/** What can be done to all numbers at once. */
export function FleetMenu({ sessions, onWall }: Props) {
  const { t } = useTranslation('sessions');
  const queries = useQueryClient();
  const stopped = sessions.filter((session) => session.desired === 'stopped');
  const running = sessions.filter((session) => session.desired === 'running');
  const command = useMutation({
    // Each by itself: one that is refused keeps no other back.
    mutationFn: async ({ name, to }: { name: SessionCommand; to: Session[] }) => {
      const answers = await Promise.allSettled(to.map((session) => commandSession[name](session.id)));
      const refused = answers.find((answer) => answer.status === 'rejected');
      if (refused) throw refused.reason;
    },
    onError: showError,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.sessions }),
  });
  const ask = (name: 'stop' | 'restart', to: Session[]) =>
    askFirst({
      title: t(`all.${name}_title`, { count: to.length }),
      text: t(`all.${name}_text`),
      confirm: t(`all.${name}`, { count: to.length }),
      onConfirm: () => command.mutate({ name, to }),
    });
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button variant="default" rightSection={<IconChevronDown size={16} />} loading={command.isPending}>
          {t('all.menu')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconQrcode size={16} />} onClick={onWall}>
          {t('wall.open')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconPlayerPlay size={16} />}
          disabled={stopped.length === 0}
          onClick={() => command.mutate({ name: 'start', to: stopped })}
        >
          {t('all.start', { count: stopped.length })}
        </Menu.Item>
        <Menu.Item leftSection={<IconRefresh size={16} />} disabled={running.length === 0} onClick={() => ask('restart', running)}>
          {t('all.restart', { count: running.length })}
        </Menu.Item>
        <Menu.Item leftSection={<IconPlayerStop size={16} />} disabled={running.length === 0} onClick={() => ask('stop', running)}>
          {t('all.stop', { count: running.length })}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
