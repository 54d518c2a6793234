import { Card, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Campaign } from '@/api/types';
import { draftOf, previewOf } from './campaign-draft';
import { Preview } from './preview';

/** What a campaign that has not begun yet would do. */
export function PreviewCard({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns');
  const meant = previewOf(draftOf(campaign));
  if (!meant || (campaign.status !== 'draft' && campaign.status !== 'scheduled')) return null;
  return (
    <Card component="section" aria-label={t('review.title')} mb="lg">
      <Title order={2} fz="md" mb="sm">
        {t('review.title')}
      </Title>
      <Preview key={JSON.stringify(meant)} meant={meant} />
    </Card>
  );
}
