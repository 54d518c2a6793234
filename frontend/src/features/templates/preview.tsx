import { Alert, Card, Select, Stack, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/problem';
import { keys } from '@/api/queries';
import type { Media } from '@/api/types';
import { MessageBubble } from '@/components/message-bubble';
import { describeError } from '@/lib/feedback';

/** What the chosen debtor, or a sample one, would read; follows the text as it is written. */
export function Preview({ body, media }: { body: string; media: Media | null }) {
  const { t } = useTranslation('templates');
  const [settled] = useDebouncedValue(body, 300);
  const [search, setSearch] = useState('');
  const [sought] = useDebouncedValue(search, 300);
  const [debtor, setDebtor] = useState<string | null>(null);
  const debtors = useQuery({
    queryKey: [...keys.debtors, 'choose', sought],
    queryFn: async () => (await unwrap(api.GET('/api/debtors', { params: { query: { search: sought || undefined, limit: 20 } } }))).items,
    placeholderData: keepPreviousData,
  });
  const preview = useQuery({
    queryKey: [...keys.templates, 'preview', settled, debtor],
    queryFn: () =>
      unwrap(api.POST('/api/templates/preview', { body: { body: settled, debtor_id: debtor === null ? null : Number(debtor) } })),
    enabled: settled.trim() !== '',
    placeholderData: keepPreviousData,
  });
  const missing = preview.data?.missing ?? [];
  return (
    <Card component="section" aria-label={t('preview')}>
      <Title order={2} fz="md" mb="sm">
        {t('preview')}
      </Title>
      <Stack gap="sm">
        <Select
          label={t('as')}
          placeholder={t('sample')}
          searchable
          clearable
          value={debtor}
          onChange={setDebtor}
          onSearchChange={setSearch}
          filter={({ options }) => options}
          nothingFoundMessage={t('nobody')}
          data={(debtors.data ?? []).map(({ id, name }) => ({ value: String(id), label: name }))}
        />
        <div aria-live="polite" data-testid="template-preview">
          {settled.trim() === '' && media ? (
            <MessageBubble text="" media={media} />
          ) : settled.trim() === '' ? (
            <Text size="sm" c="dimmed">
              {t('write')}
            </Text>
          ) : preview.isError ? (
            <TemplateProblem error={preview.error} />
          ) : (
            <MessageBubble text={preview.data?.text ?? settled} media={media} />
          )}
        </div>
        {!preview.isError && missing.length > 0 && <Alert color="yellow">{t('missing', { variables: missing.join(', ') })}</Alert>}
      </Stack>
    </Card>
  );
}

/** The server names the line; its words are shown as they are. */
function TemplateProblem({ error }: { error: unknown }) {
  const { title, detail } = describeError(error);
  const field = error instanceof ApiError ? error.fields[0]?.detail : undefined;
  return (
    <Alert color="red" title={title}>
      {field ?? detail}
    </Alert>
  );
}
