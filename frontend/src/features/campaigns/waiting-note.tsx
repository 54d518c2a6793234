import { Alert, Box, List } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Campaign } from '@/api/types';
import { ErrorState } from '@/components/states';
import { formatInstant, formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { numbersOf, usedUp } from './caps';
import { numbersQuery, waitingQuery } from './queries';
import { reasonInWords } from './reason';
import { useClosed } from './use-closed';

/** What of a campaign waits, why and until when; while it runs, for its own hours and for numbers that have sent what they may, too. */
export function WaitingNote({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  const waiting = useQuery(waitingQuery(campaign.id));
  const sends = campaign.status === 'running' && campaign.counts.planned + campaign.counts.queued > 0;
  const closed = useClosed(campaign, sends);
  const { data: sessions } = useQuery(numbersQuery(sends));
  const figure = (value: number) => formatNumber(value, language);
  const capped = numbersOf(campaign, sends ? (sessions ?? []) : []).flatMap(({ name, ...session }) =>
    usedUp(session).map(({ kind, used, cap }) => t(`history.capped_${kind}`, { name, used: figure(used), cap: figure(cap) })),
  );
  const held = waiting.data?.map(({ reason, count, until }) =>
    t(until ? 'preview.waiting' : 'history.waiting_for_person', {
      count: figure(count),
      reason: reasonInWords(t, reason) ?? t('history.planned'),
      when: until && formatInstant(until, language),
    }),
  );
  const lines = [closed, ...(held ?? []), ...capped].filter((line): line is string => Boolean(line));
  return (
    <>
      {waiting.isError && !held && (
        <Box mb="md">
          <ErrorState error={waiting.error} retry={() => void waiting.refetch()} />
        </Box>
      )}
      {lines.length > 0 && (
        <Alert color="blue" mb="md" title={t('history.waiting')}>
          <List size="sm">
            {lines.map((line) => (
              <List.Item key={line}>{line}</List.Item>
            ))}
          </List>
        </Alert>
      )}
    </>
  );
}
