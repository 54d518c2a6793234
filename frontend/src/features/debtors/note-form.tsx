import { Button, Card, Group, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { Debtor } from '@/api/types';
import { showError } from '@/lib/feedback';

/** Notes something of a debtor. */
export function NoteForm({ debtor }: { debtor: Debtor }) {
  const { t } = useTranslation('debtors');
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const add = useMutation({
    mutationFn: () => unwrap(api.POST('/api/debtors/{id}/notes', { params: { path: { id: debtor.id } }, body: { body: text.trim() } })),
    onSuccess: async () => {
      setText('');
      await queries.invalidateQueries({ queryKey: [...keys.debtors, 'timeline', debtor.id] });
    },
    onError: showError,
  });
  return (
    <Card component="section" aria-label={t('note.title')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) add.mutate();
        }}
      >
        <Textarea
          label={t('note.title')}
          placeholder={t('note.example')}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={2000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Group justify="flex-end" mt="sm">
          <Button type="submit" size="xs" loading={add.isPending} disabled={!text.trim()}>
            {t('note.add')}
          </Button>
        </Group>
      </form>
    </Card>
  );
}
