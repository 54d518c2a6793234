import { Alert, Box, Button, Card, Grid, Group, Stack, Text, Textarea, TextInput, UnstyledButton } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { fieldErrors } from '@/api/problem';
import { keys, variablesQuery } from '@/api/queries';
import type { Template } from '@/api/types';
import { PageHeader } from '@/components/page-header';
import { describeError, showSuccess } from '@/lib/feedback';
import { Attach } from './attach';
import { insertVariable } from './insert';
import { Preview } from './preview';

type Props = { template: Template | null; onClose: () => void };

/** The text on the left, what a debtor would read on the right. */
export function TemplateEditor({ template, onClose }: Props) {
  const { t } = useTranslation('templates');
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const area = useRef<HTMLTextAreaElement>(null);
  const required = (value: string) => (value.trim() ? null : common('error.required'));
  const form = useForm({
    initialValues: { name: template?.name ?? '', body: template?.body ?? '', media: template?.media ?? null },
    validate: {
      name: required,
      // A file may go without a word.
      body: (body, { media }) => (media ? null : required(body)),
    },
  });
  const save = useMutation({
    mutationFn: ({ name, body: text, media }: typeof form.values) => {
      const body = { name, body: text, media_id: media?.id ?? null };
      return template
        ? unwrap(api.PATCH('/api/templates/{id}', { params: { path: { id: template.id } }, body }))
        : unwrap(api.POST('/api/templates', { body }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: keys.templates });
      showSuccess(t('saved'));
      onClose();
    },
    onError: (error) => form.setErrors(fieldErrors(error)),
  });
  const insert = (variable: string) => {
    const { selectionStart = form.values.body.length, selectionEnd = selectionStart } = area.current ?? {};
    const { body, cursor } = insertVariable(form.values.body, variable, selectionStart, selectionEnd);
    form.setFieldValue('body', body);
    // The new text is in the page only after React has drawn it.
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(cursor, cursor);
    });
  };

  return (
    <form onSubmit={form.onSubmit((values) => save.mutate({ ...values, name: values.name.trim() }))}>
      <PageHeader
        title={template ? t('edit_title') : t('add_title')}
        actions={
          <>
            <Button variant="default" onClick={onClose}>
              {common('action.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {common('action.save')}
            </Button>
          </>
        }
      />
      {save.isError && (
        <Alert color="red" mb="lg" role="alert" title={describeError(save.error).title}>
          {describeError(save.error).detail}
        </Alert>
      )}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Card>
            <Stack>
              <TextInput label={t('name')} placeholder={t('name_example')} required {...form.getInputProps('name')} />
              <Textarea
                ref={area}
                label={t('body')}
                placeholder={t('body_example')}
                required={!form.values.media}
                autosize
                minRows={8}
                maxRows={20}
                {...form.getInputProps('body')}
              />
              <Variables onInsert={insert} />
              <Attach media={form.values.media} onChange={(media) => form.setFieldValue('media', media)} />
            </Stack>
          </Card>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Preview body={form.values.body} media={form.values.media} />
        </Grid.Col>
      </Grid>
    </form>
  );
}

/** What a template can say of a debtor; a click puts it at the cursor. */
function Variables({ onInsert }: { onInsert: (variable: string) => void }) {
  const { t } = useTranslation('templates');
  const { data } = useQuery(variablesQuery);
  return (
    <Box role="group" aria-label={t('variables')}>
      <Text size="sm" fw={500} mb={6}>
        {t('variables')}
      </Text>
      <Group gap={6}>
        {data?.map(({ name, example, custom }) => (
          <UnstyledButton
            key={name}
            fz="sm"
            px={10}
            py={3}
            title={example}
            aria-label={t('insert', { name })}
            onClick={() => onInsert(name)}
            style={{
              borderRadius: 99,
              background: custom ? 'light-dark(var(--mantine-color-ember-1), #4a2d12)' : 'light-dark(var(--mantine-color-pine-1), #17443a)',
              color: 'light-dark(#17332c, #eaf5f1)',
            }}
          >
            {name}
          </UnstyledButton>
        ))}
      </Group>
      <Text size="xs" c="dimmed" mt="xs">
        {t('variables_hint')}
      </Text>
      <Text size="xs" c="dimmed" mt={4}>
        {t('debts_hint')}
      </Text>
    </Box>
  );
}
