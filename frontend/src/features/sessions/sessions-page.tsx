import { Alert, Anchor, Button, SimpleGrid, Skeleton, Text } from '@mantine/core';
import { IconDeviceMobile, IconExternalLink, IconPlus, IconSparkles } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { infoQuery, meQuery, sessionsQuery } from '@/api/queries';
import type { Session } from '@/api/types';
import { PageHeader } from '@/components/page-header';
import { EmptyState, Loaded } from '@/components/states';
import { SessionCard } from './session-card';
import { SessionForm } from './session-form';

const columns = { base: 1, sm: 2, lg: 3 };

export function SessionsPage() {
  const { t } = useTranslation('sessions');
  const sessions = useQuery(sessionsQuery);
  const { data: me } = useQuery(meQuery);
  const [form, setForm] = useState<{ session: Session | null } | null>(null);
  const mayManage = me?.role !== 'agent';
  const add = mayManage && (
    <Button leftSection={<IconPlus size={18} />} onClick={() => setForm({ session: null })}>
      {t('add')}
    </Button>
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
      <PageHeader title={t('title')} lead={t('lead')} actions={sessions.data?.length ? add : null} />
      <DemoHint />
      <Loaded query={sessions} loading={loading}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={IconDeviceMobile} title={t('empty.title')} text={t('empty.text')} action={add} />
          ) : (
            <SimpleGrid cols={columns}>
              {items.map((session) => (
                <SessionCard key={session.id} session={session} mayManage={mayManage} onEdit={(edited) => setForm({ session: edited })} />
              ))}
            </SimpleGrid>
          )
        }
      </Loaded>
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
