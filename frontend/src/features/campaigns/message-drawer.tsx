import { Alert, Button, Drawer, Group, Stack, Text, Timeline } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys, meQuery, sessionsQuery } from '@/api/queries';
import type { Finding, Message } from '@/api/types';
import { askFirst } from '@/components/confirm';
import { MessageBubble } from '@/components/message-bubble';
import { showError } from '@/lib/feedback';
import { formatInstant, formatPhone } from '@/lib/format';
import { stateColors } from '@/lib/progress';
import { useLanguage } from '@/lib/use-language';
import { reasonInWords } from './reason';
import { isWaiting } from './waiting';

type Props = { campaign: number; message: Message | null; onClose: () => void };

/** All that happened to one message, and what a person can decide on it. */
export function MessageDrawer({ campaign, message, onClose }: Props) {
  const { t } = useTranslation('campaigns');
  return (
    <Drawer
      opened={message !== null}
      onClose={onClose}
      position="right"
      title={<Text fw={650}>{message?.debtor.name ?? t('messages.title')}</Text>}
    >
      {message && <Story campaign={campaign} message={message} onDone={onClose} />}
    </Drawer>
  );
}

function Story({ campaign, message, onDone }: { campaign: number; message: Message; onDone: () => void }) {
  const { t } = useTranslation('campaigns');
  const { t: common } = useTranslation();
  const language = useLanguage();
  const { data: sessions } = useQuery(sessionsQuery);
  const { data: me } = useQuery(meQuery);
  const waits = isWaiting(message, new Date());
  const number = (id: number | null) => sessions?.find((session) => session.id === id)?.name;
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {formatPhone(message.debtor.phone)} · {message.step === 0 ? t('history.first') : t('history.step', { step: message.step + 1 })}
      </Text>
      {message.body !== null && <MessageBubble text={message.body} media={message.media} />}
      {waits && (
        <Alert color="blue" title={t('history.waits', { when: formatInstant(message.due_at, language) })}>
          {reasonInWords(t, message.reason)}
        </Alert>
      )}
      {message.state === 'uncertain' && me?.role !== 'agent' && <Decision campaign={campaign} message={message} onDone={onDone} />}
      <Timeline active={message.history.length} bulletSize={14} lineWidth={2} aria-label={t('history.title')}>
        {message.history.map(({ at, state, session_id: session, reason }, index) => (
          <Timeline.Item key={index} color={stateColors[state]} title={<Text size="sm">{common(`message_state.${state}`)}</Text>}>
            <Text size="xs" c="dimmed">
              {[formatInstant(at, language), number(session), reasonInWords(t, reason)].filter(Boolean).join(' · ')}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
      {message.history.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('history.none')}
        </Text>
      )}
    </Stack>
  );
}

/** What only a person can find out: whether an uncertain message has arrived. */
function Decision({ campaign, message, onDone }: { campaign: number; message: Message; onDone: () => void }) {
  const { t } = useTranslation('campaigns');
  const queries = useQueryClient();
  const decide = useMutation({
    mutationFn: (finding: Finding) =>
      unwrap(api.POST('/api/messages/{id}/finding', { params: { path: { id: message.id } }, body: { finding } })),
    onSuccess: onDone,
    onError: showError,
    onSettled: () => Promise.all([keys.campaigns, keys.messages(campaign)].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  const again = () =>
    askFirst({
      title: t('uncertain.again_title'),
      text: t('uncertain.again_text', { name: message.debtor.name }),
      confirm: t('uncertain.again'),
      onConfirm: () => decide.mutate('send_again'),
    });
  return (
    <Alert color="yellow" title={t('uncertain.title')}>
      <Stack gap="sm">
        <Text size="sm">{t('uncertain.text')}</Text>
        <Group gap="xs">
          <Button size="xs" loading={decide.isPending} onClick={() => decide.mutate('arrived')}>
            {t('uncertain.arrived')}
          </Button>
          <Button size="xs" variant="default" disabled={decide.isPending} onClick={again}>
            {t('uncertain.again')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
