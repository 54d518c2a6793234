import { Alert, List } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CampaignPreview } from '@/api/types';
import { formatInstant, formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { reasonInWords } from './reason';

/** Who would wait and who would get nothing, a line for each reason. */
export function PreviewReasons({ waiting, refused }: Pick<CampaignPreview, 'waiting' | 'refused'>) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  const inWords = (reason: string) => reasonInWords(t, reason) ?? '';
  return (
    <>
      {waiting.map(({ reason, count, until }) => (
        <List.Item key={reason}>
          {t('preview.waiting', { count: formatNumber(count, language), reason: inWords(reason), when: formatInstant(until, language) })}
        </List.Item>
      ))}
      {refused.map(({ reason, count }) => (
        <List.Item key={reason}>{t('preview.refused', { count: formatNumber(count, language), reason: inWords(reason) })}</List.Item>
      ))}
    </>
  );
}

/** Says so where the figures are of some of the people only. */
export function ExaminedNote({ examined, audience }: Pick<CampaignPreview, 'examined' | 'audience'>) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  if (examined >= audience) return null;
  return (
    <Alert color="yellow" p="xs">
      {t('preview.examined', { examined: formatNumber(examined, language), audience: formatNumber(audience, language) })}
    </Alert>
  );
}
