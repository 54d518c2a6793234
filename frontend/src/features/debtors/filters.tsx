import { Button, Group, MultiSelect } from '@mantine/core';
import { IconAdjustmentsHorizontal } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { tagsQuery } from '@/api/queries';
import { SearchBox } from '@/components/search-box';
import { debtorStatuses } from '@/lib/statuses';
import { filterOf, joined, partsOf, withFilter, type DebtorFilter } from './filter';
import { FilterDrawer } from './filter-drawer';

const route = getRouteApi('/shell/debtors');

/** The filters that are asked for most, and the way to all others. */
export function Filters({ children }: { children: ReactNode }) {
  const { t } = useTranslation('debtors');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data: tags } = useQuery(tagsQuery);
  const [opened, open] = useState(false);
  const set = (change: DebtorFilter) => void navigate({ search: (now) => withFilter(now, change), replace: true });
  const further = Object.keys(filterOf(search)).filter((key) => !['search', 'tag', 'status'].includes(key)).length;
  return (
    <Group mb="md" role="search">
      <SearchBox label={t('search')} sought={search.search} onSearch={(sought) => set({ search: sought })} style={{ flex: '1 1 240px' }} />
      <MultiSelect
        aria-label={t('tags')}
        placeholder={search.tag ? undefined : t('tags')}
        searchable
        clearable
        w={220}
        data={(tags ?? []).map(({ tag, count }) => ({ value: tag, label: `${tag} (${count})` }))}
        value={partsOf(search.tag)}
        onChange={(chosen) => set({ tag: joined(chosen) })}
      />
      <MultiSelect
        aria-label={t('status_label')}
        placeholder={search.status ? undefined : t('status_label')}
        clearable
        w={220}
        data={debtorStatuses.map((value) => ({ value, label: t(`status.${value}`) }))}
        value={partsOf(search.status)}
        onChange={(chosen) => set({ status: joined(chosen) })}
      />
      <Button variant="default" leftSection={<IconAdjustmentsHorizontal size={17} />} onClick={() => open(true)}>
        {further > 0 ? t('filter.more_set', { count: further }) : t('filter.more')}
      </Button>
      {children}
      {opened && <FilterDrawer filter={filterOf(search)} onFilter={set} onClose={() => open(false)} />}
    </Group>
  );
}
