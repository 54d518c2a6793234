import { Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { campaignQuery, meQuery, segmentsQuery } from '@/api/queries';
import type { Campaign } from '@/api/types';
import { CampaignStatusBadge } from '@/components/campaign-status';
import { TextLink } from '@/components/link-button';
import { PageHeader } from '@/components/page-header';
import { Loaded } from '@/components/states';
import { formatInstant } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { AbsentNote } from './absent-note';
import { CampaignActions } from './campaign-actions';
import { CampaignMenu } from './campaign-menu';
import { MessagesCard } from './messages-card';
import { PlanNotes } from './plan-notes';
import { PreviewCard } from './preview-card';
import { ProgressCard } from './progress-card';
import { SessionsCard } from './sessions-card';
import { TimelineCard } from './timeline-card';
import { useWatch } from './use-campaign-live';

const route = getRouteApi('/shell/campaigns/$id');

export function CampaignPage() {
  const { id } = route.useParams();
  return <Loaded query={useQuery(campaignQuery(id))}>{(campaign) => <CampaignView key={id} campaign={campaign} />}</Loaded>;
}

function CampaignView({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  const { data: me } = useQuery(meQuery);
  useWatch(campaign.id);
  const tags = campaign.audience.tags;
  const { data: segments } = useQuery(segmentsQuery);
  const segment = segments?.find(({ id }) => id === campaign.audience.segment_id);
  return (
    <>
      <PageHeader
        above={
          <TextLink to="/campaigns" size="sm">
            ← {t('title')}
          </TextLink>
        }
        title={campaign.name}
        actions={
          me?.role !== 'agent' && (
            <>
              <CampaignActions campaign={campaign} />
              <CampaignMenu campaign={campaign} />
            </>
          )
        }
      />
      <Group gap="sm" mb="lg" mt={-8}>
        <CampaignStatusBadge status={campaign.status} />
        <Text size="sm" c="dimmed">
          {campaign.template.name} · {campaign.pools.map(({ name }) => name).join(', ')} ·{' '}
          {[tags.length > 0 ? tags.join(', ') : t('new.everybody'), segment?.name].filter(Boolean).join(' · ')} ·{' '}
          {t('by', { name: campaign.created_by.name, when: formatInstant(campaign.started_at ?? campaign.created_at, language) })}
        </Text>
      </Group>
      <PlanNotes campaign={campaign} canChange={me?.role !== 'agent'} />
      {me?.role !== 'agent' && <PreviewCard campaign={campaign} />}
      <AbsentNote campaign={campaign} />
      <ProgressCard campaign={campaign} />
      <TimelineCard campaign={campaign} />
      <SessionsCard campaign={campaign} />
      <MessagesCard campaign={campaign} />
    </>
  );
}
