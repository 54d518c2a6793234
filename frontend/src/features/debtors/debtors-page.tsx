import { Button, Group, Select } from '@mantine/core';
import { IconAddressBook, IconFilterOff, IconPlus, IconTableImport } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys, meQuery, tagsQuery } from '@/api/queries';
import type { Debtor, DebtorStatus } from '@/api/types';
import { LinkButton } from '@/components/link-button';
import { PageHeader } from '@/components/page-header';
import { SearchBox } from '@/components/search-box';
import { EmptyState, Loaded } from '@/components/states';
import { debtorStatuses } from '@/lib/statuses';
import { DebtorForm } from './debtor-form';
import { DebtorTable } from './debtor-table';

const route = getRouteApi('/shell/debtors');

/** Everybody who owes; filters and the page are in the URL, the work is the server's. */
export function DebtorsPage() {
  const { t } = useTranslation('debtors');
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const { data: me } = useQuery(meQuery);
  const list = useQuery({
    queryKey: [...keys.debtors, 'list', filter],
    queryFn: () => unwrap(api.GET('/api/debtors', { params: { query: { ...filter, limit: 50 } } })),
    placeholderData: keepPreviousData,
  });
  const [form, setForm] = useState<{ debtor: Debtor | null } | null>(null);
  const mayManage = me?.role !== 'agent';
  const filtered = Boolean(filter.search || filter.tag || filter.status || filter.cursor);
  const importButton = (
    <LinkButton to="/debtors/import" leftSection={<IconTableImport size={18} />}>
      {t('import')}
    </LinkButton>
  );
  const actions = mayManage && (
    <>
      <Button variant="default" leftSection={<IconPlus size={18} />} onClick={() => setForm({ debtor: null })}>
        {t('add')}
      </Button>
      {importButton}
    </>
  );
  const clear = (
    <Button variant="light" leftSection={<IconFilterOff size={17} />} onClick={() => void navigate({ search: {} })}>
      {t('clear')}
    </Button>
  );

  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} actions={actions} />
      <Filters />
      <Loaded query={list}>
        {(page) =>
          page.items.length === 0 ? (
            <EmptyState
              icon={IconAddressBook}
              title={t(filtered ? 'none.title' : 'empty.title')}
              text={t(filtered ? 'none.text' : 'empty.text')}
              action={filtered ? clear : mayManage && importButton}
            />
          ) : (
            <DebtorTable
              page={page}
              first={!filter.cursor}
              stale={list.isPlaceholderData}
              mayManage={mayManage}
              onEdit={(debtor) => setForm({ debtor })}
              onFirst={() => void navigate({ search: (now) => ({ ...now, cursor: undefined }) })}
              onNext={(cursor) => void navigate({ search: (now) => ({ ...now, cursor }) })}
            />
          )
        }
      </Loaded>
      {form && <DebtorForm debtor={form.debtor} onClose={() => setForm(null)} />}
    </>
  );
}

function Filters() {
  const { t } = useTranslation('debtors');
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const { data: tags } = useQuery(tagsQuery);
  // Another filter is another list: its first page is shown.
  const set = (change: { search?: string; tag?: string; status?: DebtorStatus }) =>
    void navigate({ search: (now) => ({ ...now, ...change, cursor: undefined }), replace: true });
  return (
    <Group mb="md" role="search">
      <SearchBox label={t('search')} sought={filter.search} onSearch={(search) => set({ search })} style={{ flex: '1 1 240px' }} />
      <Select
        aria-label={t('tag')}
        placeholder={t('tag')}
        searchable
        clearable
        data={(tags ?? []).map(({ tag, count }) => ({ value: tag, label: `${tag} (${count})` }))}
        value={filter.tag ?? null}
        onChange={(tag) => set({ tag: tag ?? undefined })}
      />
      <Select
        aria-label={t('status_label')}
        placeholder={t('status_label')}
        clearable
        data={debtorStatuses.map((value) => ({ value, label: t(`status.${value}`) }))}
        value={filter.status ?? null}
        onChange={(status) => set({ status: (status as DebtorStatus | null) ?? undefined })}
      />
    </Group>
  );
}
