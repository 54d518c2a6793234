import { Box, Button, Drawer, Group, Input, MultiSelect, NumberInput, Radio, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { fieldErrors } from '@/api/problem';
import { keys, sessionsQuery } from '@/api/queries';
import type { Pool, Session, Strategy } from '@/api/types';
import { Loaded, LoadingRows } from '@/components/states';
import { showError } from '@/lib/feedback';
import { MemberList, type Seat } from './member-list';
import { StrategyPicture } from './strategy-picture';

const strategies: Strategy[] = ['competitive', 'fixed_turns', 'random_turns'];
type Props = { pool: Pool | null; onClose: () => void };

/** Makes a pool, or changes one. */
export function PoolForm({ pool, onClose }: Props) {
  const { t } = useTranslation('pools');
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const sessions = useQuery(sessionsQuery);
  const form = useForm({
    initialValues: {
      name: pool?.name ?? '',
      strategy: pool?.strategy ?? ('competitive' as Strategy),
      turn_size: pool?.turn_size ?? 1,
      grace_seconds: pool?.grace_seconds ?? 60,
      sticky: pool?.sticky ?? false,
      members: (pool?.members ?? []).map(({ session_id, weight }): Seat => ({ session_id, weight })),
    },
    validate: { name: (name) => (name.trim() ? null : common('error.required')) },
  });
  const save = useMutation({
    mutationFn: (body: typeof form.values) =>
      pool ? unwrap(api.PATCH('/api/pools/{id}', { params: { path: { id: pool.id } }, body })) : unwrap(api.POST('/api/pools', { body })),
    onSuccess: async () => {
      await Promise.all([keys.pools, keys.sessions].map((queryKey) => queries.invalidateQueries({ queryKey })));
      onClose();
    },
    onError: (error) => {
      const fields = fieldErrors(error);
      if (Object.keys(fields).length > 0) form.setErrors(fields);
      else showError(error);
    },
  });
  const { members, strategy } = form.values;
  const isMember = (session: Session) => members.some((seat) => seat.session_id === session.id);
  const memberError = Object.entries(form.errors).find(([path]) => path.startsWith('members'))?.[1];

  return (
    <Drawer opened onClose={onClose} size="lg" title={<Text fw={650}>{pool ? t('form.edit_title') : t('form.add_title')}</Text>}>
      <form onSubmit={form.onSubmit((values) => save.mutate({ ...values, name: values.name.trim() }))}>
        <Stack gap="lg">
          <TextInput label={t('form.name')} placeholder={t('form.name_example')} required data-autofocus {...form.getInputProps('name')} />
          <Radio.Group label={t('form.strategy')} {...form.getInputProps('strategy')}>
            <Stack gap="xs" mt="xs">
              {strategies.map((value) => (
                <StrategyChoice key={value} value={value} />
              ))}
            </Stack>
          </Radio.Group>
          {strategy !== 'competitive' && (
            <Group grow align="flex-start">
              <NumberInput label={t('form.turn_size')} min={1} max={1000} allowDecimal={false} {...form.getInputProps('turn_size')} />
              <NumberInput
                label={t('form.grace')}
                description={t('form.grace_hint')}
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                min={0}
                max={3600}
                allowDecimal={false}
                suffix=" s"
                {...form.getInputProps('grace_seconds')}
              />
            </Group>
          )}
          <Switch label={t('form.sticky')} description={t('form.sticky_hint')} {...form.getInputProps('sticky', { type: 'checkbox' })} />
          <Box role="group" aria-label={t('form.members')}>
            <Input.Label component="div">{t('form.members')}</Input.Label>
            <Text size="xs" c="dimmed" mb="xs">
              {t('form.members_hint')}
            </Text>
            <Loaded query={sessions} loading={<LoadingRows rows={2} />}>
              {(all) => (
                <>
                  <MemberList
                    seats={members}
                    sessions={all}
                    inTurns={strategy !== 'competitive'}
                    onChange={(seats) => form.setFieldValue('members', seats)}
                  />
                  {members.length === 0 && (
                    <Text size="sm" c="dimmed">
                      {all.length === 0 ? t('form.no_sessions') : t('form.no_members')}
                    </Text>
                  )}
                  <MultiSelect
                    mt="sm"
                    label={t('form.add_member')}
                    searchable
                    value={[]}
                    data={all.filter((session) => !isMember(session)).map(({ id, name }) => ({ value: String(id), label: name }))}
                    onChange={(added) =>
                      form.setFieldValue('members', [...members, ...added.map((id) => ({ session_id: Number(id), weight: 1 }))])
                    }
                    error={memberError}
                  />
                </>
              )}
            </Loaded>
          </Box>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {common('action.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {pool ? common('action.save') : common('action.create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Drawer>
  );
}

function StrategyChoice({ value }: { value: Strategy }) {
  const { t } = useTranslation('pools');
  const { t: common } = useTranslation();
  return (
    <Radio.Card value={value} p="sm" radius="md" aria-label={common(`strategy.${value}`)}>
      <Group wrap="nowrap" align="flex-start">
        <Radio.Indicator mt={3} />
        <Box style={{ flex: 1 }}>
          <Text size="sm" fw={600}>
            {common(`strategy.${value}`)}
          </Text>
          <Text size="xs" c="dimmed">
            {t(`explain.${value}`)}
          </Text>
        </Box>
        <Box visibleFrom="xs">
          <StrategyPicture strategy={value} />
        </Box>
      </Group>
    </Radio.Card>
  );
}
