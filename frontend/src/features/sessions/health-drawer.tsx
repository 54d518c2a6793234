import { Alert, Button, Code, Drawer, Group, Image, SimpleGrid, Stack, Text, Timeline, Title } from '@mantine/core';
import { IconCamera, IconCheck, IconHeartbeat, IconX } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { diagnosisQuery } from '@/api/queries';
import type { Session } from '@/api/types';
import { SessionStatusBadge } from '@/components/session-status';
import { Loaded } from '@/components/states';
import { showError } from '@/lib/feedback';
import { formatInstant, formatRelative } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { useNow } from '@/lib/use-now';
import { jpegUrl } from './jpeg-url';
import { formatCpu, formatMemory } from './load';
import { useReason } from './use-reason';

type Props = { session: Session | null; onClose: () => void };

/** How one number is: what it uses, a check that asks each part, what it shows, and why it last broke. */
export function HealthDrawer({ session, onClose }: Props) {
  const { t } = useTranslation('sessions');
  return (
    <Drawer
      opened={session !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={<Text fw={650}>{t('health.title', { name: session?.name })}</Text>}
    >
      {session && (
        <Stack gap="xl">
          <Now session={session} />
          <Check key={`check-${session.id}`} id={session.id} />
          <Picture key={`picture-${session.id}`} id={session.id} of="now" />
          {session.health.diagnosed && <LastFailure id={session.id} diagnosed={session.health.diagnosed} />}
        </Stack>
      )}
    </Drawer>
  );
}

function Now({ session }: { session: Session }) {
  const { t } = useTranslation('sessions');
  const language = useLanguage();
  const now = useNow(1000);
  const reason = useReason();
  const { health } = session;
  const facts: [string, string][] = [
    [t('health.since'), health.since ? formatRelative(health.since, now, language) : '—'],
    [t('health.last_beat'), health.last_beat ? formatRelative(health.last_beat, now, language) : '—'],
    [t('health.memory'), formatMemory(health.memory_bytes, language)],
    [t('health.cpu'), formatCpu(health.cpu, language)],
    [t('health.restarts'), String(health.restarts)],
  ];
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <SessionStatusBadge status={session.status} />
        <Text size="sm" c="dimmed">
          {reason(session.status_reason)}
        </Text>
      </Group>
      <SimpleGrid component="dl" cols={{ base: 2, sm: 3 }} m={0}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <Text component="dt" size="xs" c="dimmed">
              {name}
            </Text>
            <Text component="dd" m={0} fw={600}>
              {value}
            </Text>
          </div>
        ))}
      </SimpleGrid>
    </Stack>
  );
}

/** Asks each part of the number now, and says what it answered. */
function Check({ id }: { id: number }) {
  const { t } = useTranslation('sessions');
  const check = useMutation({
    mutationFn: async () => (await unwrap(api.POST('/api/sessions/{id}/check', { params: { path: { id } } }))).items,
    onError: showError,
  });
  return (
    <Stack gap="sm" align="flex-start" aria-live="polite">
      <Button variant="light" leftSection={<IconHeartbeat size={16} />} loading={check.isPending} onClick={() => check.mutate()}>
        {t('health.check')}
      </Button>
      {check.data?.length === 0 && <Text size="sm">{t('health.nothing_runs')}</Text>}
      {check.data && check.data.length > 0 && (
        <Timeline active={check.data.length} bulletSize={22} aria-label={t('health.check')}>
          {check.data.map(({ part, is_fine: fine, found, took_ms: took }) => (
            <Timeline.Item
              key={part}
              color={fine ? 'pine' : 'red'}
              bullet={fine ? <IconCheck size={14} aria-hidden /> : <IconX size={14} aria-hidden />}
              title={
                <Text size="sm" fw={600}>
                  {t(`health.part.${part}`)}: {fine ? t('health.fine') : t('health.not_fine')}
                </Text>
              }
            >
              <Text size="xs" c="dimmed">
                {[found, t('health.took', { count: took })].filter(Boolean).join(' · ')}
              </Text>
            </Timeline.Item>
          ))}
        </Timeline>
      )}
    </Stack>
  );
}

const pictures = { now: '/api/sessions/{id}/picture', failure: '/api/sessions/{id}/diagnosis/picture' } as const;

/** The page as it is, or as it was when the number broke; only on demand, because it may show chats. */
function Picture({ id, of }: { id: number; of: keyof typeof pictures }) {
  const { t } = useTranslation('sessions');
  const look = useMutation({
    mutationFn: async () => {
      const picture = await unwrap(api.POST(pictures[of], { params: { path: { id } }, parseAs: 'arrayBuffer' }));
      return jpegUrl(picture as unknown as ArrayBuffer);
    },
    onError: showError,
  });
  return (
    <Stack gap="xs" align="flex-start">
      <Button variant="default" leftSection={<IconCamera size={16} />} loading={look.isPending} onClick={() => look.mutate()}>
        {t(`health.picture.${of}`)}
      </Button>
      <Text size="xs" c="dimmed">
        {t('health.picture.hint')}
      </Text>
      {look.data && <Image src={look.data} alt={t('health.picture.alt')} radius="md" style={{ border: '1px solid var(--wm-line)' }} />}
    </Stack>
  );
}

/** What was seen when the number last broke. */
function LastFailure({ id, diagnosed }: { id: number; diagnosed: string }) {
  const { t } = useTranslation('sessions');
  const language = useLanguage();
  const reason = useReason();
  const failure = useQuery(diagnosisQuery(id, diagnosed));
  return (
    <Stack gap="sm">
      <Title order={3} fz="md">
        {t('health.failure')}
      </Title>
      <Loaded query={failure}>
        {(seen) => (
          <Stack gap="sm">
            <Alert color="red" title={formatInstant(seen.at, language)}>
              {reason(seen.reason)}
            </Alert>
            {seen.console.length > 0 ? (
              <Code block mah={260} style={{ overflow: 'auto' }} tabIndex={0} aria-label={t('health.console')}>
                {seen.console.join('\n')}
              </Code>
            ) : (
              <Text size="sm" c="dimmed">
                {t('health.no_console')}
              </Text>
            )}
            {seen.has_picture && <Picture id={id} of="failure" />}
          </Stack>
        )}
      </Loaded>
    </Stack>
  );
}
