import { Button } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { Import } from '@/api/types';
import { askFirst } from '@/components/confirm';
import { showError, showSuccess } from '@/lib/feedback';
import { formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';

type Props = { done: Import; onUndone: (undone: Import) => void };

/** Takes back what an import stored, once a person has read what that is. */
export function UndoButton({ done, onUndone }: Props) {
  const { t } = useTranslation('imports');
  const language = useLanguage();
  const queries = useQueryClient();
  const { id, file_name: file, report } = done;
  const undo = useMutation({
    mutationFn: () => unwrap(api.POST('/api/debtors/imports/{id}/undo', { params: { path: { id } } })),
    onSuccess: async (undone) => {
      onUndone(undone);
      showSuccess(t('undo.done', { file }));
      const changed = [keys.importList, keys.debtors, keys.tags, keys.variables, keys.dashboard, keys.suppressions];
      await Promise.all(changed.map((queryKey) => queries.invalidateQueries({ queryKey })));
    },
    onError: showError,
  });
  if (!report || report.inserted + report.updated + report.debts_added === 0) return null;
  const sentences = (['inserted', 'updated', 'debts_added'] as const)
    .filter((name) => report[name] > 0)
    .map((name) => t(`undo.${name}`, { count: report[name], number: formatNumber(report[name], language) }));
  const ask = () =>
    askFirst({
      title: t('undo.title', { file }),
      text: [...sentences, t('undo.stops')].join(' '),
      confirm: t('undo.action'),
      onConfirm: () => undo.mutate(),
    });
  return (
    <Button variant="light" color="red" leftSection={<IconArrowBackUp size={18} />} loading={undo.isPending} onClick={ask}>
      {t('undo.action')}
    </Button>
  );
}
