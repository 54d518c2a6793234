import { ActionIcon, Menu } from '@mantine/core';
import {
  IconDots,
  IconHeartbeat,
  IconLogout,
  IconPencil,
  IconPlayerPlay,
  IconPlayerStop,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Session } from '@/api/types';
import type { useSessionActions } from './use-session-actions';

type Props = { session: Session; actions: ReturnType<typeof useSessionActions>; onEdit: () => void; onHealth: () => void };

export function SessionMenu({ session, actions, onEdit, onHealth }: Props) {
  const { t } = useTranslation('sessions');
  const running = session.desired === 'running';
  return (
    <Menu position="bottom-end" shadow="md" width={210}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" loading={actions.pending} aria-label={t('menu', { name: session.name })}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {running ? (
          <>
            <Menu.Item leftSection={<IconPlayerStop size={16} />} onClick={actions.stop}>
              {t('action.stop')}
            </Menu.Item>
            <Menu.Item leftSection={<IconRefresh size={16} />} onClick={actions.restart}>
              {t('action.restart')}
            </Menu.Item>
          </>
        ) : (
          <Menu.Item leftSection={<IconPlayerPlay size={16} />} onClick={actions.start}>
            {t('action.start')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconHeartbeat size={16} />} onClick={onHealth}>
          {t('action.health')}
        </Menu.Item>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={onEdit}>
          {t('action.edit')}
        </Menu.Item>
        <Menu.Divider />
        {session.phone && (
          <Menu.Item color="red" leftSection={<IconLogout size={16} />} onClick={actions.logOut}>
            {t('action.log_out')}
          </Menu.Item>
        )}
        <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={actions.remove}>
          {t('action.remove')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
