import { Anchor, Button, Center, CopyButton, Group, Image, RingProgress, Skeleton, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { qrQuery } from '@/api/queries';
import type { SessionQr } from '@/api/types';
import { ErrorState } from '@/components/states';
import { useNow } from '@/lib/use-now';
import { countdown } from './countdown';
import { LinkingCode } from './linking-code';

/** The code to scan, as long as the session shows one. */
export function QrPanel({ sessionId, name }: { sessionId: number; name: string }) {
  const { t } = useTranslation('sessions');
  const { data: qr, error, refetch } = useQuery(qrQuery(sessionId));
  const [byPhone, setByPhone] = useState(false);
  if (byPhone) return <LinkingCode sessionId={sessionId} onBack={() => setByPhone(false)} />;
  if (error && qr === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!qr) {
    return (
      <Center>
        <Stack align="center" gap="xs" role="status">
          <Skeleton w={196} h={196} radius="lg" />
          <Text size="sm" c="dimmed">
            {t('qr.waiting')}
          </Text>
        </Stack>
      </Center>
    );
  }
  return <ShownQr key={qr.qr} qr={qr} name={name} onByPhone={() => setByPhone(true)} />;
}

function ShownQr({ qr, name, onByPhone }: { qr: SessionQr; name: string; onByPhone: () => void }) {
  const { t } = useTranslation('sessions');
  const [seen] = useState(() => Date.now());
  const { seconds, share } = countdown(qr.expires_at, seen, useNow(500));
  return (
    <Stack align="center" gap="sm">
      <Image
        src={qr.image}
        alt={t('qr.alt', { name })}
        w={196}
        h={196}
        p={8}
        bg="white"
        radius="md"
        data-testid="qr-image"
        style={{ opacity: seconds > 0 ? 1 : 0.25, border: '1px solid var(--wm-line)' }}
      />
      <Group gap="sm">
        <RingProgress size={34} thickness={4} roundCaps sections={[{ value: share, color: share > 30 ? 'pine' : 'ember' }]} aria-hidden />
        <Text size="sm" c="dimmed">
          {seconds > 0 ? t('qr.expires', { count: seconds }) : t('qr.renewing')}
        </Text>
      </Group>
      <CopyButton value={qr.qr}>
        {({ copied, copy }) => (
          <Button size="xs" variant="default" leftSection={copied ? <IconCheck size={15} /> : <IconCopy size={15} />} onClick={copy}>
            {copied ? t('qr.copied') : t('qr.copy')}
          </Button>
        )}
      </CopyButton>
      <Text size="xs" c="dimmed" ta="center" maw={260}>
        {t('qr.how')}
      </Text>
      <Anchor component="button" type="button" size="sm" onClick={onByPhone}>
        {t('linking.instead')}
      </Anchor>
    </Stack>
  );
}
