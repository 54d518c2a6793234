import { Alert, Button, Group, List, Loader, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Campaign, CampaignPreview } from '@/api/types';
import { describeError } from '@/lib/feedback';
import { formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { ExaminedNote, PreviewReasons } from './preview-reasons';
import { launchPreviewQuery } from './queries';
import { topReasons } from './top-reasons';

/** Tells beside the question of a launch whom it would reach; the launch does not wait for it. */
export function LaunchPreview({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns');
  const { t: common } = useTranslation();
  const preview = useQuery(launchPreviewQuery(campaign));
  return (
    <Stack gap="xs" role="status">
      {preview.isFetching && (
        <Group gap="xs">
          <Loader size="xs" aria-hidden />
          <Text size="sm" c="dimmed">
            {t('launch.looking')}
          </Text>
        </Group>
      )}
      {preview.isError && !preview.isFetching && (
        <Alert color="yellow" p="xs">
          <Group gap="xs" justify="space-between">
            <Text size="sm">{t('launch.unknown', { why: describeError(preview.error).detail })}</Text>
            <Button size="compact-xs" variant="light" color="yellow" onClick={() => void preview.refetch()}>
              {common('action.retry')}
            </Button>
          </Group>
        </Alert>
      )}
      {preview.data && !preview.isFetching && <Reach preview={preview.data} />}
    </Stack>
  );
}

function Reach({ preview }: { preview: CampaignPreview }) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  const { total, others, ...top } = topReasons(preview, 3);
  const held = useId();
  if (preview.audience === 0) return <Alert color="yellow">{t('review.nobody')}</Alert>;
  return (
    <>
      <ExaminedNote {...preview} />
      <Text size="sm" fw={600}>
        {t('preview.now', { count: preview.now })}
      </Text>
      {total > 0 && (
        <>
          <Text size="sm" id={held}>
            {t('launch.held', { count: formatNumber(total, language) })}
          </Text>
          <List size="sm" spacing={4} aria-labelledby={held}>
            <PreviewReasons {...top} />
            {others > 0 && <List.Item>{t('launch.others', { count: formatNumber(others, language) })}</List.Item>}
          </List>
        </>
      )}
    </>
  );
}
