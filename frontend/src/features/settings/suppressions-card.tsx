import { Button, Card, Group, Modal, ScrollArea, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { fieldErrors } from '@/api/problem';
import { keys, suppressionsQuery } from '@/api/queries';
import type { Suppression } from '@/api/types';
import { SearchBox } from '@/components/search-box';
import { Loaded } from '@/components/states';
import { showError, showSuccess } from '@/lib/feedback';
import { formatInstant, formatPhone } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';

/** What is being done to the list: adding, or taking one number off. */
type Task = { lift: string | null };

/** The numbers that are never written to. */
export function SuppressionsCard() {
  const { t } = useTranslation('settings');
  const [search, setSearch] = useState<string>();
  const [task, setTask] = useState<Task | null>(null);
  return (
    <Card component="section" aria-label={t('suppressions.title')}>
      <Group justify="space-between" mb="sm">
        <Title order={2} fz="lg">
          {t('suppressions.title')}
        </Title>
        <Group gap="sm">
          <SearchBox label={t('suppressions.search')} sought={search} onSearch={setSearch} />
          <Button variant="light" leftSection={<IconPlus size={16} />} onClick={() => setTask({ lift: null })}>
            {t('suppressions.add')}
          </Button>
        </Group>
      </Group>
      <Text size="sm" c="dimmed" mb="md">
        {t('suppressions.lead')}
      </Text>
      <Loaded query={useQuery(suppressionsQuery(search))}>
        {(suppressions) => <List suppressions={suppressions} onLift={(phone) => setTask({ lift: phone })} />}
      </Loaded>
      {task && <TaskForm key={task.lift ?? 'add'} task={task} onClose={() => setTask(null)} />}
    </Card>
  );
}

function List({ suppressions, onLift }: { suppressions: Suppression[]; onLift: (phone: string) => void }) {
  const { t } = useTranslation('settings');
  const language = useLanguage();
  if (suppressions.length === 0) {
    return (
      <Text size="sm" c="dimmed" ta="center" py="md">
        {t('suppressions.empty')}
      </Text>
    );
  }
  return (
    <ScrollArea type="auto">
      <Table miw={560} highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('suppressions.phone')}</Table.Th>
            <Table.Th>{t('suppressions.reason')}</Table.Th>
            <Table.Th>{t('suppressions.who')}</Table.Th>
            <Table.Th />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {suppressions.map(({ phone, reason, created_by: by, created_at: at }) => (
            <Table.Tr key={phone}>
              <Table.Td>{formatPhone(phone)}</Table.Td>
              <Table.Td>{reason === 'opted_out' ? t('suppressions.opted_out') : reason}</Table.Td>
              <Table.Td>
                <Text size="sm">{by?.name ?? t('suppressions.debtor')}</Text>
                <Text size="xs" c="dimmed">
                  {formatInstant(at, language)}
                </Text>
              </Table.Td>
              <Table.Td ta="right">
                <Button size="xs" variant="subtle" onClick={() => onLift(phone)}>
                  {t('suppressions.lift')}
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}

/** Puts a number on the list, or takes one off; both for a reason. */
function TaskForm({ task, onClose }: { task: Task; onClose: () => void }) {
  const { t } = useTranslation('settings');
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const required = (value: string) => (value.trim() ? null : common('error.required'));
  const form = useForm({ initialValues: { phone: task.lift ?? '', reason: '' }, validate: { phone: required, reason: required } });
  const save = useMutation({
    mutationFn: (body: typeof form.values) =>
      task.lift ? unwrap(api.POST('/api/suppressions/lift', { body })) : unwrap(api.POST('/api/suppressions', { body })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: keys.suppressions });
      showSuccess(t(task.lift ? 'suppressions.lifted' : 'suppressions.added'));
      onClose();
    },
    onError: (error) => {
      const errors = fieldErrors(error);
      if (errors.phone || errors.reason) form.setErrors(errors);
      else showError(error);
    },
  });
  const title = task.lift ? t('suppressions.lift_title', { phone: formatPhone(task.lift) }) : t('suppressions.add');
  return (
    <Modal opened onClose={onClose} title={<Text fw={650}>{title}</Text>}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack>
          {!task.lift && (
            <TextInput
              label={t('suppressions.phone')}
              description={t('suppressions.add_hint')}
              required
              data-autofocus
              {...form.getInputProps('phone')}
            />
          )}
          <TextInput
            label={task.lift ? t('suppressions.lift_reason') : t('suppressions.reason')}
            required
            {...form.getInputProps('reason')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {common('action.cancel')}
            </Button>
            <Button type="submit" color={task.lift ? 'red' : undefined} loading={save.isPending}>
              {task.lift ? t('suppressions.lift') : t('suppressions.add')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
