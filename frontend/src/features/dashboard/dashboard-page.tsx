import { SimpleGrid, Skeleton } from '@mantine/core';
import { IconAddressBook, IconAlertTriangle, IconChecks, IconDeviceMobile, IconSend } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { dashboardQuery, meQuery } from '@/api/queries';
import type { Dashboard } from '@/api/types';
import { LinkButton } from '@/components/link-button';
import { PageHeader } from '@/components/page-header';
import { Loaded } from '@/components/states';
import { formatNumber, percent } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { MessagesByHour, SessionsByStatus } from './charts';
import { FirstSteps } from './first-steps';
import { LiveCampaigns } from './live-campaigns';
import { Tile } from './tile';

export function DashboardPage() {
  const { t } = useTranslation('dashboard');
  const dashboard = useQuery(dashboardQuery);
  const { data: me } = useQuery(meQuery);
  const mayManage = me?.role !== 'agent';
  const start = mayManage && <LinkButton to="/campaigns/new">{t('new_campaign')}</LinkButton>;
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead', { name: me?.name })} actions={start} />
      <Loaded query={dashboard} loading={<Skeleton height={420} radius="lg" />}>
        {(data) => (
          <>
            {mayManage && <FirstSteps dashboard={data} />}
            <Tiles data={data} />
            <SimpleGrid cols={{ base: 1, lg: 2 }} mt="lg">
              <MessagesByHour hours={data.messages_by_hour} />
              <SessionsByStatus sessions={data.sessions} />
            </SimpleGrid>
            <LiveCampaigns mayManage={mayManage} />
          </>
        )}
      </Loaded>
    </>
  );
}

/** The last 24 hours in five numbers. What was read counts as delivered and sent, too. */
function Tiles({ data }: { data: Dashboard }) {
  const { t } = useTranslation('dashboard');
  const language = useLanguage();
  const number = (value: number) => formatNumber(value, language);
  const { sessions, messages_today: today, debtors } = data;
  return (
    <SimpleGrid cols={{ base: 2, md: 3, lg: 5 }} spacing="md">
      <Tile
        icon={IconDeviceMobile}
        label={t('tile.sessions')}
        value={`${sessions.online}/${sessions.total}`}
        hint={t('tile.sessions_hint')}
      />
      <Tile icon={IconSend} label={t('tile.sent')} value={number(today.sent)} hint={t('tile.today')} />
      <Tile
        icon={IconChecks}
        color="blue"
        label={t('tile.read')}
        value={number(today.read)}
        hint={t('tile.read_hint', { delivered: number(today.delivered), percent: percent(today.read, today.sent) })}
      />
      <Tile
        icon={IconAlertTriangle}
        color={today.failed + today.uncertain > 0 ? 'red' : 'gray'}
        label={t('tile.failed')}
        value={number(today.failed)}
        hint={t('tile.failed_hint', { count: today.uncertain })}
      />
      <Tile
        icon={IconAddressBook}
        color="ember"
        label={t('tile.debtors')}
        value={number(debtors.total)}
        hint={t('tile.debtors_hint', { active: number(debtors.active), out: number(debtors.opted_out) })}
      />
    </SimpleGrid>
  );
}
