import { Alert, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { poolsQuery } from '@/api/queries';
import type { Campaign } from '@/api/types';
import { SessionStatusBadge } from '@/components/session-status';
import { absentMembers } from './absent';

/** Which of a running campaign's numbers cannot send now, and why; the others go on with what is theirs. */
export function AbsentNote({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns');
  const { data: pools } = useQuery(poolsQuery);
  if (campaign.status !== 'running' || !pools) return null;
  const { absent, total } = absentMembers(campaign, pools);
  if (absent.length === 0) return null;
  return (
    <Alert color="yellow" mb="md" title={t('absent.title', { count: absent.length, total })}>
      <Group gap="md">
        {absent.map((member) => (
          <Group key={member.session_id} gap={6} wrap="nowrap">
            <Text size="sm">{member.name}</Text>
            <SessionStatusBadge status={member.status} />
          </Group>
        ))}
      </Group>
    </Alert>
  );
}
