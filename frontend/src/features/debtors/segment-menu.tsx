import { Button, Group, Menu, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconBookmark, IconBookmarkPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { fieldErrors } from '@/api/problem';
import { keys, segmentsQuery } from '@/api/queries';
import { askFirst } from '@/components/confirm';
import { showError, showSuccess } from '@/lib/feedback';
import { filterOf, isFiltered, sameFilter, type DebtorFilter } from './filter';

const route = getRouteApi('/shell/debtors');

/** Filters with names: to choose one, to keep the one that is set, and to delete it. */
export function SegmentMenu({ mayManage }: { mayManage: boolean }) {
  const { t } = useTranslation('debtors');
  const { t: common } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const { data: segments } = useQuery(segmentsQuery);
  const [naming, name] = useState(false);
  const current = segments?.find(({ filter }) => isFiltered(search) && sameFilter(filter, filterOf(search)));
  const remove = useMutation({
    mutationFn: (id: number) => unwrap(api.DELETE('/api/segments/{id}', { params: { path: { id } } })),
    onError: showError,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.segments }),
  });
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={17} />} disabled={!segments}>
            {current?.name ?? t('segment.title')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {segments?.length === 0 && <Menu.Label>{t('segment.none')}</Menu.Label>}
          {segments?.map((segment) => (
            <Menu.Item key={segment.id} onClick={() => void navigate({ search: filterOf(segment.filter) })}>
              {segment.name}
            </Menu.Item>
          ))}
          {mayManage && isFiltered(search) && !current && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<IconBookmarkPlus size={16} />} onClick={() => name(true)}>
                {t('segment.save')}
              </Menu.Item>
            </>
          )}
          {mayManage && current && (
            <>
              <Menu.Divider />
              <Menu.Item
                color="red"
                leftSection={<IconTrash size={16} />}
                onClick={() =>
                  askFirst({
                    title: t('segment.remove', { name: current.name }),
                    text: t('segment.remove_text'),
                    confirm: common('action.delete'),
                    onConfirm: () => remove.mutate(current.id),
                  })
                }
              >
                {t('segment.remove', { name: current.name })}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {naming && <SegmentForm filter={filterOf(search)} onClose={() => name(false)} />}
    </>
  );
}

function SegmentForm({ filter, onClose }: { filter: DebtorFilter; onClose: () => void }) {
  const { t } = useTranslation('debtors');
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const save = useMutation({
    mutationFn: () => unwrap(api.POST('/api/segments', { body: { name: name.trim(), filter } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: keys.segments });
      showSuccess(t('segment.saved'));
      onClose();
    },
    onError: (error) => {
      if (!fieldErrors(error).name) showError(error);
    },
  });
  return (
    <Modal opened onClose={onClose} title={<Text fw={650}>{t('segment.save')}</Text>}>
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
