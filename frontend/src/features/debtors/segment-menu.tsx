import { Button, Menu } from '@mantine/core';
import { IconBookmark, IconBookmarkEdit, IconBookmarkPlus, IconPencil, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { segmentsQuery } from '@/api/queries';
import type { Segment } from '@/api/types';
import { describeError } from '@/lib/feedback';
import { filterOf, isFiltered, sameFilter } from './filter';
import { SegmentForm } from './segment-form';
import { useSegmentActions } from './use-segment-actions';

const route = getRouteApi('/shell/debtors');

/** Filters with names: to choose one, to keep those that are set as a new one or in the place of the one chosen, and to delete it. */
export function SegmentMenu({ mayManage }: { mayManage: boolean }) {
  const { t } = useTranslation('debtors');
  const { t: common } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data: segments, error, isError, refetch } = useQuery(segmentsQuery);
  const { askToUpdate, askToRemove, busy } = useSegmentActions();
  const [form, setForm] = useState<{ segment: Segment | null } | null>(null);
  const filter = filterOf(search);
  const filtered = isFiltered(search);
  const same = (segment: Segment) => filtered && sameFilter(segment.filter, filter);
  const current = segments?.find(({ id }) => id === search.segment) ?? segments?.find(same);
  const changed = current !== undefined && !same(current);
  const load = (segment: Segment) => void navigate({ search: { ...filterOf(segment.filter), segment: segment.id } });
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={17} />} disabled={!segments && !isError} loading={busy}>
            {!current ? t('segment.title') : changed ? t('segment.changed', { name: current.name }) : current.name}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {!segments && isError && (
            <>
              <Menu.Label>{describeError(error).detail}</Menu.Label>
              <Menu.Item leftSection={<IconRefresh size={16} />} closeMenuOnClick={false} onClick={() => void refetch()}>
                {common('action.retry')}
              </Menu.Item>
            </>
          )}
          {segments?.length === 0 && <Menu.Label>{t('segment.none')}</Menu.Label>}
          {segments?.map((segment) => (
            <Menu.Item key={segment.id} onClick={() => load(segment)}>
              {segment.name}
            </Menu.Item>
          ))}
          {mayManage && segments && (filtered || current) && <Menu.Divider />}
          {mayManage && current && changed && filtered && (
            <Menu.Item leftSection={<IconBookmarkEdit size={16} />} onClick={() => askToUpdate(current, filter)}>
              {t('segment.update', { name: current.name })}
            </Menu.Item>
          )}
          {mayManage && segments && filtered && (!current || changed) && (
            <Menu.Item leftSection={<IconBookmarkPlus size={16} />} onClick={() => setForm({ segment: null })}>
              {t('segment.save')}
            </Menu.Item>
          )}
          {mayManage && current && (
            <>
              <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setForm({ segment: current })}>
                {t('segment.rename', { name: current.name })}
              </Menu.Item>
              <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => askToRemove(current)}>
                {t('segment.remove', { name: current.name })}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {form && (
        <SegmentForm
          segment={form.segment}
          filter={filter}
          onClose={() => setForm(null)}
          onSaved={({ id }) => void navigate({ search: (now) => ({ ...now, segment: id }), replace: true })}
        />
      )}
    </>
  );
}
