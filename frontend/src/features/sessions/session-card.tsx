import { Badge, Box, Button, Card, Group, Loader, Progress, Stack, Text, Title } from '@mantine/core';
import { IconPlayerPlay, IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Session, SessionStatus } from '@/api/types';
import { SessionStatusBadge } from '@/components/session-status';
import { formatPhone, formatRelative } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { useNow } from '@/lib/use-now';
import { formatMemory } from './load';
import { QrPanel } from './qr-panel';
import { SessionMenu } from './session-menu';
import { useReason } from './use-reason';
import { useSessionActions } from './use-session-actions';

const broken: SessionStatus[] = ['failed', 'action_required', 'logged_out', 'restricted'];
const busy: SessionStatus[] = ['starting', 'pairing', 'syncing', 'reconnecting'];

type Props = { session: Session; mayManage: boolean; onEdit: (session: Session) => void; onHealth: (session: Session) => void };

/** One number: what it is doing and what it needs of a person. */
export function SessionCard({ session, mayManage, onEdit, onHealth }: Props) {
  const { t } = useTranslation('sessions');
  const actions = useSessionActions(session);
  return (
    <Card component="article" data-testid={`session-card-${session.id}`} data-status={session.status} aria-label={session.name}>
      <Stack gap="md" h="100%">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Box style={{ minWidth: 0 }}>
            <Title order={2} fz="lg" lineClamp={1}>
              {session.name}
            </Title>
            <Text size="sm" c="dimmed">
              {session.phone ? formatPhone(session.phone) : t('no_phone')}
            </Text>
          </Box>
          {mayManage && (
            <SessionMenu session={session} actions={actions} onEdit={() => onEdit(session)} onHealth={() => onHealth(session)} />
          )}
        </Group>
        <Group gap="xs">
          <div aria-live="polite">
            <SessionStatusBadge status={session.status} />
          </div>
          <Since session={session} />
        </Group>
        <Box style={{ flex: 1, display: 'grid', alignContent: 'center' }}>
          {session.status === 'unpaired' && mayManage ? (
            <QrPanel sessionId={session.id} name={session.name} />
          ) : (
            <Explanation session={session} />
          )}
        </Box>
        <Group justify="space-between" gap="xs">
          <Group gap={6}>
            {session.pools.map((pool) => (
              <Badge key={pool.id} color="gray">
                {pool.name}
              </Badge>
            ))}
            {session.pools.length === 0 && (
              <Text size="xs" c="dimmed">
                {t('no_pools')}
              </Text>
            )}
          </Group>
          <Today session={session} />
          <Text size="xs" c="dimmed">
            {t('delay', { min: session.delay_min_ms / 1000, max: session.delay_max_ms / 1000 })}
          </Text>
        </Group>
        {mayManage && session.desired === 'stopped' && (
          <Button variant="light" leftSection={<IconPlayerPlay size={16} />} onClick={actions.start} loading={actions.pending}>
            {t('action.start')}
          </Button>
        )}
        {mayManage && session.desired === 'running' && broken.includes(session.status) && (
          <Button variant="light" color="ember" leftSection={<IconRefresh size={16} />} onClick={actions.restart} loading={actions.pending}>
            {t('action.restart')}
          </Button>
        )}
      </Stack>
    </Card>
  );
}

/** Since when it has its status, and what it takes of the machine. */
function Since({ session }: { session: Session }) {
  const language = useLanguage();
  const now = useNow(15_000);
  const { since, memory_bytes: memory } = session.health;
  const facts = [since && formatRelative(since, now, language), memory !== null && formatMemory(memory, language)];
  return (
    <Text size="xs" c="dimmed">
      {facts.filter(Boolean).join(' · ')}
    </Text>
  );
}

/** What it has sent in a day, against its caps. */
function Today({ session }: { session: Session }) {
  const { t } = useTranslation('sessions');
  const { caps, sent_today: sent, new_chats_today: chats } = session;
  const used = Math.max(caps.per_day ? sent / caps.per_day : 0, caps.new_chats_per_day ? chats / caps.new_chats_per_day : 0);
  const words = [
    caps.per_day === null ? t('today.sent_free', { sent }) : t('today.sent', { sent, cap: caps.per_day }),
    caps.new_chats_per_day === null ? t('today.chats_free', { chats }) : t('today.chats', { chats, cap: caps.new_chats_per_day }),
  ].join(' · ');
  return (
    <Box w="100%">
      <Progress value={Math.min(used, 1) * 100} size={4} radius="xl" color={used >= 1 ? 'red' : 'pine'} aria-label={words} />
      <Text size="xs" c="dimmed" mt={4}>
        {words}
      </Text>
    </Box>
  );
}

/** The status in a sentence, and the reason where the server gave one. */
function Explanation({ session }: { session: Session }) {
  const { t } = useTranslation('sessions');
  const reason = useReason()(session.status_reason);
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start">
      {busy.includes(session.status) && <Loader size={18} mt={2} />}
      <Box>
        <Text size="sm">{t(`explain.${session.status}`)}</Text>
        {reason && (
          <Text size="sm" c="dimmed">
            {reason}
          </Text>
        )}
      </Box>
    </Group>
  );
}
