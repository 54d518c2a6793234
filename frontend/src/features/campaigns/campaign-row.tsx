import { Box, Card, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Campaign } from '@/api/types';
import { CampaignProgressBar } from '@/components/campaign-progress';
import { CampaignStatusBadge } from '@/components/campaign-status';
import { TextLink } from '@/components/link-button';
import { formatInstant, formatNumber } from '@/lib/format';
import { progressOf } from '@/lib/progress';
import { useLanguage } from '@/lib/use-language';

/** A campaign in the list. */
export function CampaignRow({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  const { settled, total, percent } = progressOf(campaign.counts);
  return (
    <Card padding="md" component="article" aria-label={campaign.name}>
      <Group justify="space-between" gap="md">
        <Box style={{ flex: '2 1 260px', minWidth: 0 }}>
          <Group gap="xs">
            <TextLink to="/campaigns/$id" params={{ id: campaign.id }} fw={650} truncate>
              {campaign.name}
            </TextLink>
            <CampaignStatusBadge status={campaign.status} />
          </Group>
          <Text size="sm" c="dimmed" truncate>
            {campaign.template.name} · {campaign.pools.map(({ name }) => name).join(', ')} ·{' '}
            {formatInstant(campaign.started_at ?? campaign.created_at, language)}
          </Text>
        </Box>
        <Box style={{ flex: '1 1 220px' }}>
          {total > 0 ? (
            <>
              <Text size="sm" ta="right" mb={4}>
                {formatNumber(settled, language)} / {formatNumber(total, language)} · {percent} %
              </Text>
              <CampaignProgressBar counts={campaign.counts} size={9} />
            </>
          ) : (
            <Text size="sm" c="dimmed" ta="right">
              {t('not_started')}
            </Text>
          )}
        </Box>
      </Group>
    </Card>
  );
}
