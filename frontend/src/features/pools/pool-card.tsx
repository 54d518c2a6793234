import { Badge, Box, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { Pool } from '@/api/types';
import { askFirst } from '@/components/confirm';
import { RowMenu } from '@/components/row-menu';
import { SessionStatusBadge } from '@/components/session-status';
import { showError } from '@/lib/feedback';
import { StrategyPicture } from './strategy-picture';

type Props = { pool: Pool; mayManage: boolean; onEdit: () => void };

export function PoolCard({ pool, mayManage, onEdit }: Props) {
  const { t } = useTranslation('pools');
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE('/api/pools/{id}', { params: { path: { id: pool.id } } })),
    onError: showError,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.pools }),
  });
  const ask = () =>
    askFirst({
      title: t('remove.title', { name: pool.name }),
      text: t('remove.text'),
      confirm: common('action.delete'),
      onConfirm: () => remove.mutate(),
    });
  const online = pool.members.filter((member) => member.status === 'online').length;
  return (
    <Card component="article" aria-label={pool.name} data-testid={`pool-card-${pool.id}`}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Box style={{ minWidth: 0 }}>
          <Title order={2} fz="lg" lineClamp={1}>
            {pool.name}
          </Title>
          <Text size="sm" c="dimmed">
            {t('members', { count: pool.members.length })} · {t('online', { count: online })}
          </Text>
        </Box>
        {mayManage && <RowMenu label={t('menu', { name: pool.name })} busy={remove.isPending} onEdit={onEdit} onDelete={ask} />}
      </Group>
      <Group justify="space-between" my="md" gap="xs">
        <Box>
          <Badge size="lg" fz="xs">
            {common(`strategy.${pool.strategy}`)}
          </Badge>
          {pool.strategy !== 'competitive' && (
            <Text size="xs" c="dimmed" mt={4}>
              {t('turn', { count: pool.turn_size })}
            </Text>
          )}
        </Box>
        <StrategyPicture strategy={pool.strategy} />
      </Group>
      <Stack gap={6} component="ol" m={0} p={0} style={{ listStyle: 'none' }}>
        {pool.members.map((member, place) => (
          <Group component="li" key={member.session_id} gap="xs" wrap="nowrap">
            <Text size="xs" c="dimmed" w={16} ta="right">
              {place + 1}
            </Text>
            <Text size="sm" style={{ flex: 1 }} truncate>
              {member.name}
            </Text>
            {pool.strategy !== 'competitive' && member.weight > 1 && (
              <Text size="xs" c="dimmed" title={t('form.weight_hint')}>
                × {member.weight}
              </Text>
            )}
            <SessionStatusBadge status={member.status} />
          </Group>
        ))}
      </Stack>
      {pool.members.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('form.no_members')}
        </Text>
      )}
    </Card>
  );
}
