import { Card, Modal, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Session } from '@/api/types';
import { SessionStatusBadge } from '@/components/session-status';
import { QrPanel } from './qr-panel';

type Props = { sessions: Session[]; onClose: () => void };

/** Every number that waits for a phone, on one screen: for connecting many in a row. */
export function QrWall({ sessions, onClose }: Props) {
  const { t } = useTranslation('sessions');
  const waiting = sessions.filter((session) => session.desired === 'running' && session.status !== 'online');
  return (
    <Modal opened onClose={onClose} fullScreen title={<Text fw={650}>{t('wall.title')}</Text>}>
      <Text c="dimmed" mb="lg" aria-live="polite">
        {waiting.length > 0 ? t('wall.text', { count: waiting.length }) : t('wall.done')}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3, lg: 4, xl: 5 }}>
        {waiting.map((session) => (
          <Card key={session.id} component="article" aria-label={session.name}>
            <Stack align="center" gap="md">
              <Title order={2} fz="lg" lineClamp={1}>
                {session.name}
              </Title>
              <SessionStatusBadge status={session.status} />
              {session.status === 'unpaired' && <QrPanel sessionId={session.id} name={session.name} />}
            </Stack>
          </Card>
        ))}
      </SimpleGrid>
    </Modal>
  );
}
