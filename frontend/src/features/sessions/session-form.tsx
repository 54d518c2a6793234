import { Button, Group, Modal, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { fieldErrors } from '@/api/problem';
import { keys } from '@/api/queries';
import type { Session } from '@/api/types';
import { showError } from '@/lib/feedback';

type Props = { session: Session | null; onClose: () => void };
const seconds = (ms: number) => ms / 1000;

/** Adds a number, or changes one. */
export function SessionForm({ session, onClose }: Props) {
  const { t } = useTranslation('sessions');
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: {
      name: session?.name ?? '',
      min: session ? seconds(session.delay_min_ms) : 4,
      max: session ? seconds(session.delay_max_ms) : 12,
    },
    validate: {
      name: (name) => (name.trim() ? null : common('error.required')),
      max: (max, { min }) => (max < min ? t('form.range') : null),
    },
  });
  const save = useMutation({
    mutationFn: ({ name, min, max }: typeof form.values) => {
      const body = { name: name.trim(), delay_min_ms: Math.round(min * 1000), delay_max_ms: Math.round(max * 1000) };
      return session
        ? unwrap(api.PATCH('/api/sessions/{id}', { params: { path: { id: session.id } }, body }))
        : unwrap(api.POST('/api/sessions', { body: { ...body, start: true } }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: keys.sessions });
      onClose();
    },
    onError: (error) => {
      const { name, delay_min_ms: min, delay_max_ms: max } = fieldErrors(error);
      if (name || min || max) form.setErrors({ name, min, max });
      else showError(error);
    },
  });
  return (
    <Modal opened onClose={onClose} title={<Text fw={650}>{session ? t('form.edit_title') : t('form.add_title')}</Text>}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack>
          <TextInput
            label={t('form.name')}
            description={t('form.name_hint')}
            placeholder={t('form.name_example')}
            required
            data-autofocus
            {...form.getInputProps('name')}
          />
          <Group grow align="flex-start">
            <NumberInput label={t('form.delay_min')} min={0} max={3600} suffix=" s" decimalScale={1} {...form.getInputProps('min')} />
            <NumberInput label={t('form.delay_max')} min={0} max={3600} suffix=" s" decimalScale={1} {...form.getInputProps('max')} />
          </Group>
          <Text size="xs" c="dimmed">
            {t('form.delay_hint')}
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {common('action.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {session ? common('action.save') : t('form.add')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
