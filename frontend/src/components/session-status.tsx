import { Badge, Box } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SessionStatus } from '@/api/types';

export const statusColors: Record<SessionStatus, string> = {
  stopped: 'gray',
  starting: 'blue',
  unpaired: 'ember',
  pairing: 'blue',
  syncing: 'blue',
  online: 'pine',
  reconnecting: 'yellow',
  restricted: 'red',
  logged_out: 'gray',
  action_required: 'red',
  failed: 'red',
};

const moving: SessionStatus[] = ['starting', 'pairing', 'syncing', 'reconnecting'];

/** What a session is doing, in a word; the dot breathes while it is on its way somewhere. */
export function SessionStatusBadge({ status }: { status: SessionStatus }) {
  const { t } = useTranslation();
  const dot = (
    <Box
      component="span"
      className={moving.includes(status) ? 'wm-breathe' : undefined}
      style={{ display: 'block', width: 8, height: 8, borderRadius: 8, background: 'currentcolor' }}
    />
  );
  return (
    <Badge color={statusColors[status]} leftSection={dot} size="lg" fz="xs" data-status={status}>
      {t(`session_status.${status}`)}
    </Badge>
  );
}
