import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CampaignStatus } from '@/api/types';

const colors: Record<CampaignStatus, string> = {
  draft: 'gray',
  scheduled: 'violet',
  running: 'pine',
  paused: 'yellow',
  finished: 'blue',
  cancelled: 'red',
};

export function CampaignStatusBadge({ status }: { status: CampaignStatus }) {
  const { t } = useTranslation();
  return (
    <Badge color={colors[status]} size="lg" fz="xs" data-status={status}>
      {t(`campaign_status.${status}`)}
    </Badge>
  );
}
