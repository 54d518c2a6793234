import { Alert, Anchor, Button, Group, SimpleGrid, Skeleton, Text } from '@mantine/core';
import { IconDeviceMobile, IconExternalLink, IconPlus, IconSparkles } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { infoQuery, meQuery, sessionsQuery } from '@/api/queries';
import type { Session } from '@/api/types';
import { PageHeader } from '@/components/page-header';
import { EmptyState, Loaded } from '@/components/states';
import { FleetMenu } from './fleet-menu';
import { HealthDrawer } from './health-drawer';
import { QrWall } from './qr-wall';
import { SessionCard } from './session-card';
import { SessionForm } from './session-form';

const columns = { base: 1, sm: 2, lg: 3 };

export function SessionsPage() {
  const { t } = useTranslation('sessions');
  const { data: me } = useQuery(meQuery);
  const [form, setForm] = useState<{ session: Session | null } | null>(null);
  const [healthOf, setHealthOf] = useState<number | null>(null);
  const [wall, setWall] = useState(false);
  // What a browser uses is not told by the socket; whoever looks at a number's health wants it fresh.
  const sessions = useQuery({ ...sessionsQuery, refetchInterval: healthOf === null ? 30_000 : 5_000 });
  const mayManage = me?.role !== 'agent';
  const add = mayManage && (
    <Button leftSection={<IconPlus size={18} />} onClick={() => setForm({ session: null })}>
      {t('add')}
    </Button>
  );
  const actions = mayManage && (
    <Group gap="sm">
      <FleetMenu sessions={sessions.data ?? []} onWall={() => setWall(true)} />
      {add}
    </Group>
  );
  const loading = (
    <SimpleGrid cols={columns}>
      {[0, 1, 2].map((card) => (
        <Skeleton key={card} height={320} radius="lg" />
      ))}
    </SimpleGrid>
  );
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} actions={sessions.data?.length ? actions : null} />
      <DemoHint />
      <Loaded query={sessions} loading={loading}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={IconDeviceMobile} title={t('empty.title')} text={t('empty.text')} action={add} />
          ) : (
            <SimpleGrid cols={columns}>
              {items.map((session) => (
                <SessionCard
                  key={session.id}
                  session={session}
                  mayManage={mayManage}
                  onEdit={(edited) => setForm({ session: edited })}
                  onHealth={(of) => setHealthOf(of.id)}
                />
              ))}
            </SimpleGrid>
          )
        }
      </Loaded>
      <HealthDrawer session={sessions.data?.find((session) => session.id === healthOf) ?? null} onClose={() => setHealthOf(null)} />
      {wall && <QrWall sessions={sessions.data ?? []} onClose={() => setWall(false)} />}
      {form && <SessionForm session={form.session} onClose={() => setForm(null)} />}
    </>
  );
}

/** Where the simulated phone is, when there is one. */
function DemoHint() {
  const { t } = useTranslation('sessions');
  const { data: info } = useQuery(infoQuery);
  if (!info?.demo) return null;
  return (
    <Alert color="ember" icon={<IconSparkles />} mb="lg" title={t('demo.title')}>
      <Text size="sm">
        {t('demo.text')}{' '}
        <Anchor href={info.demo.phone_url} target="_blank" rel="noreferrer" fw={600}>
          {t('demo.link')} <IconExternalLink size={14} aria-hidden style={{ verticalAlign: -2 }} />
        </Anchor>
      </Text>
    </Alert>
  );
}
