import { ActionIcon, Card, Group, Stack, Text, Title } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema.gen';
import { askFirst } from '@/components/confirm';
import { Loaded, LoadingRows } from '@/components/states';
import { showError } from '@/lib/feedback';
import { formatInstant } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { profilesQuery } from './queries';

type Profile = components['schemas']['ImportProfile'];

/** How files of each shape were mapped, which the next one of the shape is too; what is wrong there can be forgotten. */
export function ProfilesCard() {
  const { t } = useTranslation('imports');
  return (
    <Card mt="lg" component="section" aria-label={t('profiles.title')}>
      <Title order={2} fz="md" mb={4}>
        {t('profiles.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('profiles.lead')}
      </Text>
      <Loaded query={useQuery(profilesQuery)} loading={<LoadingRows rows={2} height={44} />}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm">{t('profiles.none')}</Text>
          ) : (
            <Stack gap="sm">
              {items.map((profile) => (
                <Saved key={profile.id} profile={profile} />
              ))}
            </Stack>
          )
        }
      </Loaded>
    </Card>
  );
}

function Saved({ profile }: { profile: Profile }) {
  const { t } = useTranslation('imports');
  const language = useLanguage();
  const queries = useQueryClient();
  const { id, file_name: file, columns } = profile;
  const forget = useMutation({
    mutationFn: () => unwrap(api.DELETE('/api/debtors/imports/profiles/{id}', { params: { path: { id } } })),
    onError: showError,
    onSettled: () => queries.invalidateQueries({ queryKey: profilesQuery.queryKey }),
  });
  const ask = () =>
    askFirst({
      title: t('profiles.forget_title', { file }),
      text: t('profiles.forget_text'),
      confirm: t('profiles.forget'),
      onConfirm: () => forget.mutate(),
    });
  const label = t('profiles.forget_of', { file });
  return (
    <Group justify="space-between" wrap="nowrap" align="flex-start" data-testid="import-profile">
      <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Text size="sm" fw={600}>
          {file}{' '}
          <Text span size="xs" c="dimmed" fw={400}>
            {formatInstant(profile.used_at, language)}
          </Text>
        </Text>
        <Text size="sm" c="dimmed" lineClamp={3}>
          {columns.map((column) => `${column.header || t('no_header')} → ${nameOf(column)}`).join(' · ')}
        </Text>
      </div>
      <ActionIcon variant="subtle" color="red" aria-label={label} title={label} loading={forget.isPending} onClick={ask}>
        <IconTrash size={18} />
      </ActionIcon>
    </Group>
  );

  function nameOf(column: Profile['columns'][number]): string {
    return column.field === 'custom' && column.variable ? column.variable : t(`field.${column.field}`);
  }
}
