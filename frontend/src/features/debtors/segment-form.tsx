import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { fieldErrors } from '@/api/problem';
import type { Segment } from '@/api/types';
import { showError, showSuccess } from '@/lib/feedback';
import type { DebtorFilter } from './filter';
import { useRefreshSegments } from './use-segment-actions';

type Props = {
  /** The one that gets another name and keeps its filters; null where `filter` is to be a new one. */
  segment: Segment | null;
  filter: DebtorFilter;
  onSaved: (segment: Segment) => void;
  onClose: () => void;
};

/** Names filters, or gives a segment another name. */
export function SegmentForm({ segment, filter, onSaved, onClose }: Props) {
  const { t } = useTranslation('debtors');
  const { t: common } = useTranslation();
  const refresh = useRefreshSegments();
  const [name, setName] = useState(segment?.name ?? '');
  const save = useMutation({
    mutationFn: (): Promise<Segment> =>
      segment
        ? unwrap(
            api.PUT('/api/segments/{id}', {
              params: { path: { id: segment.id } },
              body: { name: name.trim(), filter: segment.filter },
            }),
          )
        : unwrap(api.POST('/api/segments', { body: { name: name.trim(), filter } })),
    onSuccess: async (saved) => {
      await refresh();
      showSuccess(t('segment.saved'));
      onSaved(saved);
      onClose();
    },
    onError: (error) => {
      if (!fieldErrors(error).name) showError(error);
    },
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={<Text fw={650}>{segment ? t('segment.rename', { name: segment.name }) : t('segment.save')}</Text>}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) save.mutate();
        }}
      >
        <Stack>
          <TextInput
            label={t('segment.name')}
            description={t('segment.hint')}
            required
            maxLength={100}
            data-autofocus
            value={name}
            error={fieldErrors(save.error).name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {common('action.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={!name.trim()}>
              {common('action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
