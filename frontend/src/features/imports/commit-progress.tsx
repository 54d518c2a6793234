import { Button, Group, Progress, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { ServerEvents } from '@/api/types';
import { showError } from '@/lib/feedback';
import { formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { importQuery } from './queries';

/** How many rows are in, and a way to stop; the socket writes the rows into the cache. */
export function CommitProgress({ id, total }: { id: number; total: number }) {
  const { t } = useTranslation('imports');
  const language = useLanguage();
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => unwrap(api.POST('/api/debtors/imports/{id}/cancel', { params: { path: { id } } })),
    onSuccess: (cancelled) => {
      queries.setQueryData(importQuery(id).queryKey, cancelled);
      return queries.invalidateQueries({ queryKey: keys.importList });
    },
    onError: showError,
  });
  const { data } = useQuery<ServerEvents['import.progress'] | null>({
    queryKey: [...keys.imports, id, 'progress'],
    enabled: false,
    initialData: null,
    queryFn: () => null,
  });
  const done = data?.done ?? 0;
  return (
    <Group mb="md" align="flex-end">
      <div aria-live="polite" style={{ flex: 1 }}>
        <Text size="sm" mb={4}>
          {t('committing', { done: formatNumber(done, language), total: formatNumber(data?.total ?? total, language) })}
        </Text>
        <Progress value={(done / Math.max(1, data?.total ?? total)) * 100} animated aria-label={t('step.report')} />
      </div>
      <Button variant="default" size="xs" loading={cancel.isPending} onClick={() => cancel.mutate()}>
        {t('cancel')}
      </Button>
    </Group>
  );
}
