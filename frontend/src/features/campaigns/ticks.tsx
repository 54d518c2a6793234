import { Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconBan, IconCheck, IconChecks, IconClock, IconHelpCircle, IconShieldPause } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { MessageState } from '@/api/types';

const icons: Record<MessageState, { icon: typeof IconCheck; color: string }> = {
  planned: { icon: IconClock, color: 'dimmed' },
  queued: { icon: IconClock, color: 'dimmed' },
  sending: { icon: IconClock, color: 'ember.5' },
  sent: { icon: IconCheck, color: 'dimmed' },
  delivered: { icon: IconChecks, color: 'dimmed' },
  read: { icon: IconChecks, color: '#1a94d6' },
  failed: { icon: IconAlertTriangle, color: 'red' },
  suppressed: { icon: IconShieldPause, color: 'grape' },
  uncertain: { icon: IconHelpCircle, color: 'yellow.7' },
  cancelled: { icon: IconBan, color: 'dimmed' },
};

/** A message's state with the ticks that WhatsApp itself uses. */
export function Ticks({ state }: { state: MessageState }) {
  const { t } = useTranslation();
  const { icon: Icon, color } = icons[state];
  return (
    <Group gap={6} wrap="nowrap" data-state={state}>
      <Text c={color} component="span" lh={0}>
        <Icon size={18} stroke={2} aria-hidden />
      </Text>
      <Text size="sm">{t(`message_state.${state}`)}</Text>
    </Group>
  );
}
