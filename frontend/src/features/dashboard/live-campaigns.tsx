import { Card, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { campaignsInStatusQuery } from '@/api/queries';
import { CampaignProgressBar } from '@/components/campaign-progress';
import { CampaignStatusBadge } from '@/components/campaign-status';
import { LinkButton, TextLink } from '@/components/link-button';
import { Loaded } from '@/components/states';
import { formatNumber } from '@/lib/format';
import { progressOf } from '@/lib/progress';
import { useLanguage } from '@/lib/use-language';

/** What is being sent right now. */
export function LiveCampaigns({ mayManage }: { mayManage: boolean }) {
  const { t } = useTranslation('dashboard');
  const language = useLanguage();
  const campaigns = useQuery(campaignsInStatusQuery('running'));
  return (
    <Card component="section" aria-label={t('live_campaigns')} mt="lg">
      <Group justify="space-between" mb="md">
        <Title order={2} fz="md">
          {t('live_campaigns')}
        </Title>
        <TextLink to="/campaigns" size="sm">
          {t('all_campaigns')}
        </TextLink>
      </Group>
      <Loaded query={campaigns}>
        {(items) =>
          items.length === 0 ? (
            <Group justify="space-between">
              <Text c="dimmed" size="sm">
                {t('no_campaigns')}
              </Text>
              {mayManage && (
                <LinkButton to="/campaigns/new" variant="light" size="sm">
                  {t('new_campaign')}
                </LinkButton>
              )}
            </Group>
          ) : (
            <Stack>
              {items.map((campaign) => {
                const { settled, total, percent } = progressOf(campaign.counts);
                return (
                  <div key={campaign.id}>
                    <Group justify="space-between" mb={6} gap="xs">
                      <Group gap="xs">
                        <TextLink to="/campaigns/$id" params={{ id: campaign.id }} fw={600}>
                          {campaign.name}
                        </TextLink>
                        <CampaignStatusBadge status={campaign.status} />
                      </Group>
                      <Text size="sm" c="dimmed">
                        {formatNumber(settled, language)} / {formatNumber(total, language)} · {percent} %
                      </Text>
                    </Group>
                    <CampaignProgressBar counts={campaign.counts} />
                  </div>
                );
              })}
            </Stack>
          )
        }
      </Loaded>
    </Card>
  );
}
