import { Group, SegmentedControl, Stack } from '@mantine/core';
import { IconPlus, IconSend } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { meQuery } from '@/api/queries';
import type { CampaignStatus } from '@/api/types';
import { LinkButton } from '@/components/link-button';
import { LoadMore } from '@/components/load-more';
import { PageHeader } from '@/components/page-header';
import { EmptyState, ErrorState, LoadingRows } from '@/components/states';
import { campaignStatuses } from '@/lib/statuses';
import { CampaignRow } from './campaign-row';
import { campaignListQuery } from './queries';

const route = getRouteApi('/shell/campaigns');

export function CampaignsPage() {
  const { t } = useTranslation('campaigns');
  const { t: common } = useTranslation();
  const { status } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(campaignListQuery(status));
  const { data: me } = useQuery(meQuery);
  const add = me?.role !== 'agent' && (
    <LinkButton to="/campaigns/new" leftSection={<IconPlus size={18} />}>
      {t('add')}
    </LinkButton>
  );
  const filters = [
    { value: 'all', label: t('all') },
    ...campaignStatuses.map((value) => ({ value, label: common(`campaign_status.${value}`) })),
  ];
  const choose = (value: string) => void navigate({ search: { status: value === 'all' ? undefined : (value as CampaignStatus) } });
  const campaigns = list.data?.pages.flatMap((page) => page.items);
  const none = campaigns?.length === 0;

  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} actions={none && !status ? null : add} />
      {!(none && !status) && (
        <Group mb="md" style={{ overflowX: 'auto' }}>
          <SegmentedControl data={filters} value={status ?? 'all'} onChange={choose} aria-label={t('filter')} size="sm" />
        </Group>
      )}
      {list.isPending && <LoadingRows height={84} />}
      {list.isError && !campaigns && <ErrorState error={list.error} retry={() => void list.refetch()} />}
      {none && (
        <EmptyState
          icon={IconSend}
          title={t(status ? 'none.title' : 'empty.title')}
          text={t(status ? 'none.text' : 'empty.text')}
          action={add}
        />
      )}
      <Stack gap="sm">
        {campaigns?.map((campaign) => (
          <CampaignRow key={campaign.id} campaign={campaign} />
        ))}
      </Stack>
      <LoadMore query={list} />
    </>
  );
}
