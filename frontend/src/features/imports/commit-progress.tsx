import { Progress, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { keys } from '@/api/queries';
import type { ServerEvents } from '@/api/types';
import { formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';

/** How many rows are in; the socket writes it into the cache. */
export function CommitProgress({ id, total }: { id: number; total: number }) {
  const { t } = useTranslation('imports');
  const language = useLanguage();
  const { data } = useQuery<ServerEvents['import.progress'] | null>({
    queryKey: [...keys.imports, id, 'progress'],
    enabled: false,
    initialData: null,
    queryFn: () => null,
  });
  const done = data?.done ?? 0;
  return (
    <div aria-live="polite">
      <Text size="sm" mb={4}>
        {t('committing', { done: formatNumber(done, language), total: formatNumber(data?.total ?? total, language) })}
      </Text>
      <Progress value={(done / Math.max(1, data?.total ?? total)) * 100} animated mb="md" aria-label={t('step.report')} />
    </div>
  );
}
