import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { Segment } from '@/api/types';
import { askFirst } from '@/components/confirm';
import { showError, showSuccess } from '@/lib/feedback';
import type { DebtorFilter } from './filter';

/** What can be done with a segment, each once a person has read what it means. */
export function useSegmentActions() {
  const { t } = useTranslation('debtors');
  const { t: common } = useTranslation();
  const refresh = useRefreshSegments();
  const update = useMutation({
    mutationFn: ({ id, name, filter }: Pick<Segment, 'id' | 'name' | 'filter'>) =>
      unwrap(api.PUT('/api/segments/{id}', { params: { path: { id } }, body: { name, filter } })),
    onSuccess: () => showSuccess(t('segment.updated')),
    onError: showError,
    onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: (id: number) => unwrap(api.DELETE('/api/segments/{id}', { params: { path: { id } } })),
    onError: showError,
    onSettled: refresh,
  });
  const askToUpdate = ({ id, name }: Segment, filter: DebtorFilter) =>
    askFirst({
      title: t('segment.update_title', { name }),
      text: t('segment.update_text'),
      confirm: t('segment.update_action'),
      danger: false,
      onConfirm: () => update.mutate({ id, name, filter }),
    });
  const askToRemove = ({ id, name }: Segment) =>
    askFirst({
      title: t('segment.remove_title', { name }),
      text: t('segment.remove_text'),
      confirm: common('action.delete'),
      onConfirm: () => remove.mutate(id),
    });
  return { askToUpdate, askToRemove, busy: update.isPending || remove.isPending };
}

/** Reads anew what a changed segment changes: the segments, and how many campaigns that have one would reach. */
export function useRefreshSegments() {
  const queries = useQueryClient();
  const changed = [keys.segments, keys.campaigns, [...keys.debtors, 'audience']];
  return () => Promise.all(changed.map((queryKey) => queries.invalidateQueries({ queryKey })));
}
