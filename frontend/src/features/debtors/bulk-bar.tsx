import { Button, Card, Group, Menu, Modal, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { fieldErrors } from '@/api/problem';
import { keys } from '@/api/queries';
import type { components } from '@/api/schema.gen';
import type { DebtorStatus } from '@/api/types';
import { showError, showSuccess } from '@/lib/feedback';
import { formatNumber } from '@/lib/format';
import { debtorStatuses } from '@/lib/statuses';
import { useLanguage } from '@/lib/use-language';
import type { DebtorFilter } from './filter';
import type { DebtorPage } from './queries';

const actions = ['add_tag', 'remove_tag', 'set_status', 'suppress'] as const;
type Action = (typeof actions)[number];
type Whom = { ids: number[] } | { filter: DebtorFilter };
type Props = {
  page: DebtorPage;
  /** Whether the page, and with it the number of all, still is the answer to an earlier filter. */
  stale: boolean;
  filter: DebtorFilter;
  selected: ReadonlySet<number>;
  onSelect: (ids: ReadonlySet<number>) => void;
};

/** What can be done with the debtors that are selected, or with all that match. */
export function BulkBar({ page, stale, filter, selected, onSelect }: Props) {
  const { t } = useTranslation('debtors');
  const language = useLanguage();
  const [everybody, setEverybody] = useState(false);
  const [action, setAction] = useState<Action | null>(null);
  if (selected.size === 0) return null;
  const number = formatNumber(everybody ? page.total : selected.size, language);
  const whom = everybody ? t(page.exact ? 'bulk.all' : 'bulk.about_all', { number }) : t('bulk.selected', { count: selected.size, number });
  const done = () => {
    onSelect(new Set());
    setEverybody(false);
  };
  return (
    <Card mb="sm" padding="xs" role="region" aria-label={t('bulk.title')}>
      <Group gap="sm">
        <Text size="sm" fw={600} aria-live="polite" data-testid="bulk-whom">
          {whom}
        </Text>
        {!everybody && page.total > selected.size && (
          <Button size="compact-sm" variant="subtle" disabled={stale} onClick={() => setEverybody(true)}>
            {t(page.exact ? 'bulk.select_all' : 'bulk.select_about_all', { number: formatNumber(page.total, language) })}
          </Button>
        )}
        <Menu position="bottom-start" shadow="md">
          <Menu.Target>
            <Button size="compact-sm" variant="light" rightSection={<IconChevronDown size={14} />}>
              {t('bulk.change')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {actions.map((one) => (
              <Menu.Item key={one} onClick={() => setAction(one)}>
                {t(`bulk.${one}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Button size="compact-sm" variant="subtle" color="gray" onClick={done}>
          {t('bulk.clear')}
        </Button>
      </Group>
      {action && (
        <BulkForm
          action={action}
          whom={everybody ? { filter } : { ids: [...selected] }}
          inWords={whom}
          onClose={() => setAction(null)}
          onDone={done}
        />
      )}
    </Card>
  );
}

type FormProps = { action: Action; whom: Whom; inWords: string; onClose: () => void; onDone: () => void };

function BulkForm({ action, whom, inWords, onClose, onDone }: FormProps) {
  const { t } = useTranslation('debtors');
  const { t: common } = useTranslation();
  const language = useLanguage();
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const [status, setStatus] = useState<DebtorStatus | null>(null);
  const change = useMutation({
    mutationFn: () => unwrap(api.POST('/api/debtors/bulk', { body: { ...whom, action: bodyOf(action, text.trim(), status) } })),
    onSuccess: async ({ meant, changed, left_out: leftOut }) => {
      const number = (value: number) => formatNumber(value, language);
      const done = t('bulk.done', { changed: number(changed), meant: number(meant) });
      showSuccess(leftOut > 0 ? `${done} ${t('bulk.left_out', { count: leftOut, number: number(leftOut) })}` : done);
      await Promise.all(
        [keys.debtors, keys.tags, keys.dashboard, keys.suppressions].map((queryKey) => queries.invalidateQueries({ queryKey })),
      );
      onClose();
      onDone();
    },
    onError: (error) => {
      const { 'action.tag': tag, 'action.reason': reason } = fieldErrors(error);
      if (!tag && !reason) showError(error);
    },
  });
  const errors = fieldErrors(change.error);
  const label = t(action === 'suppress' ? 'suppression.reason' : 'tag');
  const isComplete = action === 'set_status' ? status !== null : text.trim() !== '';
  return (
    <Modal opened onClose={onClose} title={<Text fw={650}>{t(`bulk.${action}`)}</Text>}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isComplete) change.mutate();
        }}
      >
        <Stack>
          <Text size="sm">{inWords}</Text>
          {action === 'set_status' ? (
            <>
              <Select
                label={t('status_label')}
                required
                data-autofocus
                data={debtorStatuses.map((value) => ({ value, label: t(`status.${value}`) }))}
                value={status}
                onChange={(value) => setStatus(value as DebtorStatus | null)}
              />
              <Textarea
                label={t('reason')}
                description={t('bulk.status_hint')}
                autosize
                maxLength={500}
                value={text}
                error={errors['action.reason']}
                onChange={(event) => setText(event.currentTarget.value)}
              />
            </>
          ) : (
            <TextInput
              label={label}
              required
              data-autofocus
              maxLength={action === 'suppress' ? 500 : 100}
              value={text}
              error={errors['action.tag'] ?? errors['action.reason']}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {common('action.cancel')}
            </Button>
            <Button type="submit" color={action === 'suppress' ? 'red' : undefined} loading={change.isPending} disabled={!isComplete}>
              {t(`bulk.${action}`)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function bodyOf(action: Action, text: string, status: DebtorStatus | null): components['schemas']['BulkAction'] {
  switch (action) {
    case 'add_tag':
    case 'remove_tag':
      return { kind: action, tag: text };
    case 'set_status':
      return { kind: action, status: status ?? 'active', reason: text || undefined };
    case 'suppress':
      return { kind: action, reason: text };
  }
}
