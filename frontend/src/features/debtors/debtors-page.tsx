import { Button, Group } from '@mantine/core';
import { IconAddressBook, IconFilterOff, IconHistory, IconPlus, IconTableImport } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { meQuery } from '@/api/queries';
import type { Debtor } from '@/api/types';
import { LinkButton } from '@/components/link-button';
import { PageHeader } from '@/components/page-header';
import { EmptyState, Loaded } from '@/components/states';
import { BulkBar } from './bulk-bar';
import { DebtorForm } from './debtor-form';
import { DebtorTable } from './debtor-table';
import { ExportMenu } from './export-menu';
import { filterOf, isFiltered, isOrderAFilter } from './filter';
import { Filters } from './filters';
import { OrderNote } from './order-note';
import { debtorListQuery } from './queries';
import { SegmentMenu } from './segment-menu';

const route = getRouteApi('/shell/debtors');

const nobody: ReadonlySet<number> = new Set();

/** Everybody who owes; filters, order and page are in the URL, the work is the server's. */
export function DebtorsPage() {
  const { t } = useTranslation('debtors');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data: me } = useQuery(meQuery);
  const list = useQuery({ ...debtorListQuery(search), placeholderData: keepPreviousData });
  const [form, setForm] = useState<{ debtor: Debtor | null } | null>(null);
  // Another filter means others: what was selected before is forgotten with it.
  const meant = JSON.stringify(filterOf(search));
  const [selection, setSelection] = useState({ meant, ids: nobody });
  const selected = selection.meant === meant ? selection.ids : nobody;
  const select = (ids: ReadonlySet<number>) => setSelection({ meant, ids });
  const mayManage = me?.role !== 'agent';
  const filtered = isFiltered(search) || Boolean(search.cursor);
  const importButton = (
    <LinkButton to="/debtors/import" leftSection={<IconTableImport size={18} />}>
      {t('import')}
    </LinkButton>
  );
  const actions = mayManage && (
    <>
      <LinkButton to="/debtors/imports" variant="default" leftSection={<IconHistory size={18} />}>
        {t('imports')}
      </LinkButton>
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
      <Filters>
        <Group gap="xs" ml="auto">
          <SegmentMenu mayManage={mayManage} />
          {mayManage && <ExportMenu search={search} />}
        </Group>
      </Filters>
      {isOrderAFilter(search) && <OrderNote />}
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
            <>
              {mayManage && (
                <BulkBar
                  key={meant}
                  page={page}
                  stale={list.isPlaceholderData}
                  filter={filterOf(search)}
                  selected={selected}
                  onSelect={select}
                />
              )}
              <DebtorTable
                page={page}
                search={search}
                stale={list.isPlaceholderData}
                mayManage={mayManage}
                selected={selected}
                onSelect={select}
                onEdit={(debtor) => setForm({ debtor })}
                onSort={(sort, descending) => void navigate({ search: (now) => ({ ...now, sort, descending, cursor: undefined }) })}
                onFirst={() => void navigate({ search: (now) => ({ ...now, cursor: undefined }) })}
                onNext={(cursor) => void navigate({ search: (now) => ({ ...now, cursor }) })}
              />
            </>
          )
        }
      </Loaded>
      {form && <DebtorForm debtor={form.debtor} onClose={() => setForm(null)} />}
    </>
  );
}
