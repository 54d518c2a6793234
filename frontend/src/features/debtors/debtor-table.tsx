import { Badge, Button, Card, Checkbox, Group, Table, Text, UnstyledButton } from '@mantine/core';
import { IconArrowsSort, IconChevronRight, IconChevronsLeft, IconSortAscending, IconSortDescending } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { Debtor } from '@/api/types';
import { askFirst } from '@/components/confirm';
import { TextLink } from '@/components/link-button';
import { RowMenu } from '@/components/row-menu';
import { showError } from '@/lib/feedback';
import { formatDate, formatInstant, formatNumber, formatPhone } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { DebtorStatusBadge } from './debtor-status';
import type { DebtorSearch, DebtorSort } from './filter';
import type { DebtorPage } from './queries';

type Props = {
  page: DebtorPage;
  search: DebtorSearch;
  /** Whether the page still shows the answer to an earlier filter. */
  stale: boolean;
  mayManage: boolean;
  selected: ReadonlySet<number>;
  onSelect: (ids: ReadonlySet<number>) => void;
  onSort: (sort?: DebtorSort, descending?: boolean) => void;
  onEdit: (debtor: Debtor) => void;
  onFirst: () => void;
  onNext: (cursor: string) => void;
};

export function DebtorTable({ page, search, stale, mayManage, selected, onSelect, onSort, onEdit, onFirst, onNext }: Props) {
  const { t } = useTranslation('debtors');
  const language = useLanguage();
  const toggle = (ids: number[], on: boolean) => {
    const next = new Set(selected);
    for (const id of ids) {
      if (on) next.add(id);
      else next.delete(id);
    }
    onSelect(next);
  };
  const shown = page.items.map(({ id }) => id);
  const all = shown.every((id) => selected.has(id));
  const sorting = { search, onSort };
  return (
    <Card padding={0} style={{ opacity: stale ? 0.6 : 1 }} aria-busy={stale}>
      <Table.ScrollContainer minWidth={940}>
        <Table highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              {mayManage && (
                <Table.Th w={40}>
                  <Checkbox
                    aria-label={t('bulk.page')}
                    checked={all}
                    indeterminate={!all && shown.some((id) => selected.has(id))}
                    onChange={(event) => toggle(shown, event.currentTarget.checked)}
                  />
                </Table.Th>
              )}
              <SortHead sort="name" label={t('name')} {...sorting} />
              <Table.Th>{t('reference')}</Table.Th>
              <SortHead sort="amount" label={t('amount')} right {...sorting} />
              <SortHead sort="due_date" label={t('due_date')} {...sorting} />
              <Table.Th>{t('status_label')}</Table.Th>
              <Table.Th>{t('tags')}</Table.Th>
              <SortHead sort="last_contact" label={t('last_contact')} {...sorting} />
              <Table.Th w={50} aria-label={t('actions')} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {page.items.map((debtor) => (
              <Table.Tr key={debtor.id} data-testid={`debtor-${debtor.id}`}>
                {mayManage && (
                  <Table.Td>
                    <Checkbox
                      aria-label={t('bulk.one', { name: debtor.name })}
                      checked={selected.has(debtor.id)}
                      onChange={(event) => toggle([debtor.id], event.currentTarget.checked)}
                    />
                  </Table.Td>
                )}
                <Table.Td>
                  <TextLink to="/debtors/$id" params={{ id: debtor.id }} size="sm" fw={600}>
                    {debtor.name}
                  </TextLink>
                  <Text size="xs" c="dimmed">
                    {formatPhone(debtor.phone)}
                  </Text>
                </Table.Td>
                <Table.Td>
                  {debtor.reference ?? '—'}
                  {debtor.debt_count > 1 && (
                    <Text size="xs" c="dimmed">
                      {t('debt.count', { count: debtor.debt_count })}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
                  {debtor.amount?.text ?? '—'}
                </Table.Td>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>{formatDate(debtor.due_date, language)}</Table.Td>
                <Table.Td>
                  <DebtorStatusBadge status={debtor.status} />
                </Table.Td>
                <Table.Td>
                  <Group gap={4}>
                    {debtor.tags.map((tag) => (
                      <Badge key={tag} color="gray">
                        {tag}
                      </Badge>
                    ))}
                  </Group>
                </Table.Td>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>
                  <Text size="xs" c="dimmed">
                    {formatInstant(debtor.last_contact_at, language)}
                  </Text>
                </Table.Td>
                <Table.Td>{mayManage && <DebtorMenu debtor={debtor} onEdit={() => onEdit(debtor)} />}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Group justify="space-between" p="sm">
        <Text size="sm" c="dimmed" data-testid="debtor-total">
          {t(page.exact ? 'total' : 'about_total', { count: page.total, total: formatNumber(page.total, language) })}
        </Text>
        <Group gap="xs">
          {search.cursor && (
            <Button size="xs" variant="default" leftSection={<IconChevronsLeft size={15} />} onClick={onFirst}>
              {t('first')}
            </Button>
          )}
          <Button
            size="xs"
            variant="default"
            rightSection={<IconChevronRight size={15} />}
            disabled={!page.next_cursor}
            onClick={() => page.next_cursor && onNext(page.next_cursor)}
          >
            {t('next')}
          </Button>
        </Group>
      </Group>
    </Card>
  );
}

type HeadProps = { sort: DebtorSort; label: string; right?: boolean; search: DebtorSearch; onSort: Props['onSort'] };

/** A column by which the list can be ordered: in its own way, then the other way round, then no more. */
function SortHead({ sort, label, right, search, onSort }: HeadProps) {
  if (sort === 'last_contact' && search.contacted === false) return <Table.Th>{label}</Table.Th>;
  const active = search.sort === sort;
  // What is large or late is looked for first; names begin with A.
  const natural = sort !== 'name';
  const descending = active ? (search.descending ?? false) : natural;
  const next = () => (!active ? onSort(sort, natural) : descending === natural ? onSort(sort, !natural) : onSort());
  const Icon = !active ? IconArrowsSort : descending ? IconSortDescending : IconSortAscending;
  return (
    <Table.Th ta={right ? 'right' : undefined} aria-sort={!active ? 'none' : descending ? 'descending' : 'ascending'}>
      <UnstyledButton fz="inherit" fw="inherit" onClick={next}>
        <Group gap={4} wrap="nowrap" justify={right ? 'flex-end' : undefined}>
          {label}
          <Icon size={14} aria-hidden opacity={active ? 1 : 0.4} />
        </Group>
      </UnstyledButton>
    </Table.Th>
  );
}

function DebtorMenu({ debtor, onEdit }: { debtor: Debtor; onEdit: () => void }) {
  const { t } = useTranslation('debtors');
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE('/api/debtors/{id}', { params: { path: { id: debtor.id } } })),
    onError: showError,
    onSettled: () => Promise.all([keys.debtors, keys.tags, keys.dashboard].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  const ask = () =>
    askFirst({
      title: t('remove.title', { name: debtor.name }),
      text: t('remove.text'),
      confirm: common('action.delete'),
      onConfirm: () => remove.mutate(),
    });
  return <RowMenu label={t('menu', { name: debtor.name })} busy={remove.isPending} onEdit={onEdit} onDelete={ask} />;
}
