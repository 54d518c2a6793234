import { Alert, Loader, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys, segmentsQuery } from '@/api/queries';
import type { Pool, Template } from '@/api/types';
import { MessageBubble } from '@/components/message-bubble';
import { ErrorState } from '@/components/states';
import { formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { audienceOf, previewOf, type CampaignDraft } from './campaign-draft';
import { Preview } from './preview';
import { audienceQuery } from './queries';

type Props = { pools: Pool[]; template?: Template; draft: CampaignDraft };

/** What a launch would do, before it is done. */
export function Review({ pools, template, draft }: Props) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  const meant = audienceOf(draft);
  const preview = previewOf(draft);
  const audience = useQuery(audienceQuery(meant));
  const { data: segments } = useQuery(segmentsQuery);
  const tags = meant.tags;
  const segment = segments?.find(({ id }) => id === meant.segment_id);
  const online = (pool: Pool) => pool.members.filter((member) => member.status === 'online').length;
  return (
    <Stack gap="sm">
      {audience.isError && audience.data === undefined && <ErrorState error={audience.error} retry={() => void audience.refetch()} />}
      <div aria-live="polite">
        <Text fz={34} fw={700} ff="heading" lh={1.1} data-testid="audience-count">
          {audience.data === undefined ? <Unknown isLoading={audience.isFetching} /> : formatNumber(audience.data, language)}
        </Text>
        <Text size="sm" c="dimmed">
          {tags.length > 0 ? t('review.with_tags', { tags: tags.join(', ') }) : t('review.all_active')}
          {segment && ` · ${t('review.in_segment', { name: segment.name })}`}
        </Text>
      </div>
      {audience.data === 0 && <Alert color="yellow">{t('review.nobody')}</Alert>}
      {pools.map((pool) => (
        <Text key={pool.id} size="sm">
          {t('review.pool', { name: pool.name, online: online(pool), total: pool.members.length })}
        </Text>
      ))}
      {pools.length > 0 && pools.every((pool) => online(pool) === 0) && <Alert color="yellow">{t('review.nobody_online')}</Alert>}
      {template && <Sample template={template} />}
      {template && preview && <Preview key={JSON.stringify(preview)} meant={preview} />}
    </Stack>
  );
}

function Unknown({ isLoading }: { isLoading: boolean }) {
  const { t: common } = useTranslation();
  return isLoading ? <Loader size="sm" role="status" aria-label={common('loading')} /> : '—';
}

/** The template with a sample debtor's data. */
function Sample({ template }: { template: Template }) {
  const { data } = useQuery({
    queryKey: [...keys.templates, 'sample', template.id, template.updated_at],
    queryFn: () => unwrap(api.POST('/api/templates/preview', { body: { body: template.body } })),
  });
  return <MessageBubble text={data?.text ?? template.body} />;
}
