import { Alert, List } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { formatInstant, formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { waitingQuery } from './queries';
import { reasonInWords } from './reason';

/** What of a campaign waits, why and until when. */
export function WaitingNote({ campaign }: { campaign: number }) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  const { data: waiting } = useQuery(waitingQuery(campaign));
  if (!waiting?.length) return null;
  return (
    <Alert color="blue" mb="md" title={t('history.waiting')}>
      <List size="sm">
        {waiting.map(({ reason, count, until }) => (
          <List.Item key={reason ?? ''}>
            {t(until ? 'preview.waiting' : 'history.waiting_for_person', {
              count: formatNumber(count, language),
              reason: reasonInWords(t, reason) ?? t('history.planned'),
              when: until && formatInstant(until, language),
            })}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
