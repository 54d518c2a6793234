import { Button, Group, Modal, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { fieldErrors } from '@/api/problem';
import { keys } from '@/api/queries';
import type { Caps, Session } from '@/api/types';
import { showError } from '@/lib/feedback';
import { CapsFields } from './caps-fields';

type Props = { session: Session | null; onClose: () => void };
const seconds = (ms: number) => ms / 1000;
/** As the server has it where nobody says anything. */
const usual: Caps = { per_minute: null, per_hour: null, per_day: 1000, new_chats_per_day: 300, warm_up: null };

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
      caps: session?.caps ?? usual,
    },
    validate: {
      name: (name) => (name.trim() ? null : common('error.required')),
      max: (max, { min }) => (max < min ? t('form.range') : null),
    },
  });
  const save = useMutation({
    mutationFn: ({ name, min, max, caps }: typeof form.values) => {
      const body = { name: name.trim(), delay_min_ms: Math.round(min * 1000), delay_max_ms: Math.round(max * 1000), caps };
      return session
        ? unwrap(api.PATCH('/api/sessions/{id}', { params: { path: { id: session.id } }, body }))
        : unwrap(api.POST('/api/sessions', { body: { ...body, start: true } }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: keys.sessions });
      onClose();
    },
    onError: (error) => {
      const { name, delay_min_ms: min, delay_max_ms: max, ...others } = fieldErrors(error);
      if (name || min || max || Object.keys(others).length > 0) form.setErrors({ name, min, max, ...others });
      else showError(error);
    },
  });
  return (
    <Modal opened onClose={onClose} size="lg" title={<Text fw={650}>{session ? t('form.edit_title') : t('form.add_title')}</Text>}>
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
          <CapsFields
            caps={form.values.caps}
            onChange={(caps) => form.setFieldValue('caps', caps)}
            errors={Object.fromEntries(Object.entries(form.errors).map(([path, text]) => [path, String(text)]))}
          />
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
