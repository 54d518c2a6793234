import { Card, Chip, Group, Table, Text, Title, UnstyledButton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Campaign, Message, MessageCounts, MessageState } from '@/api/types';
import { LoadMore } from '@/components/load-more';
import { ScrolledTable } from '@/components/scrolled-table';
import { SearchBox } from '@/components/search-box';
import { ErrorState, LoadingRows } from '@/components/states';
import { formatInstant, formatNumber, formatPhone } from '@/lib/format';
import { stateColors } from '@/lib/progress';
import { useLanguage } from '@/lib/use-language';
import { MessageDrawer } from './message-drawer';
import { messageListQuery } from './queries';
import { reasonInWords } from './reason';
import { Ticks } from './ticks';
import { isWaiting } from './waiting';
import { WaitingNote } from './waiting-note';

const route = getRouteApi('/shell/campaigns/$id');

/** The states that hold messages, and the chosen one even when its last message has moved on: it has to be taken off again. */
function statesToChoose(counts: MessageCounts, chosen: MessageState | undefined): MessageState[] {
  return (Object.keys(stateColors) as MessageState[]).filter((state) => counts[state] > 0 || state === chosen);
}

/** The campaign's ledger; its filters live in the URL. */
export function MessagesCard({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns');
  const { t: common } = useTranslation();
  const language = useLanguage();
  const { state, doubted, search } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(messageListQuery(campaign.id, { state, doubted, search }));
  const messages = list.data?.pages.flatMap((page) => page.items);
  const [opened, open] = useState<number | null>(null);

  return (
    <Card component="section" aria-label={t('messages.title')} mt="lg">
      <Group justify="space-between" mb="sm">
        <Title order={2} fz="md">
          {t('messages.title')}
        </Title>
        <SearchBox
          label={t('messages.search')}
          sought={search}
          onSearch={(text) => void navigate({ search: (now) => ({ ...now, search: text }), replace: true })}
        />
      </Group>
      <Group gap={6} mb="md" role="group" aria-label={t('messages.filter')}>
        {statesToChoose(campaign.counts, state).map((one) => (
          <Chip
            key={one}
            size="xs"
            checked={state === one}
            onChange={(on) => void navigate({ search: (now) => ({ ...now, state: on ? one : undefined }), replace: true })}
          >
            {common(`message_state.${one}`)} · {formatNumber(campaign.counts[one], language)}
          </Chip>
        ))}
        <Chip
          size="xs"
          checked={doubted === true}
          onChange={(on) => void navigate({ search: (now) => ({ ...now, doubted: on || undefined }), replace: true })}
        >
          {t('messages.doubted')}
        </Chip>
      </Group>
      {list.isPending && <LoadingRows height={36} />}
      {list.isError && !messages && <ErrorState error={list.error} retry={() => void list.refetch()} />}
      <WaitingNote campaign={campaign} />
      {messages && <MessageTable messages={messages} onOpen={open} />}
      <LoadMore query={list} />
      <MessageDrawer campaign={campaign.id} message={messages?.find(({ id }) => id === opened) ?? null} onClose={() => open(null)} />
    </Card>
  );
}

function MessageTable({ messages, onOpen }: { messages: Message[]; onOpen: (id: number) => void }) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  if (messages.length === 0) {
    return (
      <Text size="sm" c="dimmed" py="md" ta="center">
        {t('messages.none')}
      </Text>
    );
  }
  return (
    <ScrolledTable label={t('messages.title')} miw={680} highlightOnHover>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('messages.debtor')}</Table.Th>
          <Table.Th>{t('messages.state')}</Table.Th>
          <Table.Th>{t('messages.number')}</Table.Th>
          <Table.Th>{t('messages.text')}</Table.Th>
          <Table.Th>{t('messages.updated')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {messages.map((message) => (
          <Table.Tr key={message.id} data-testid={`message-${message.id}`}>
            <Table.Td>
              <UnstyledButton onClick={() => onOpen(message.id)} aria-label={t('history.open', { name: message.debtor.name })}>
                <Text size="sm" fw={600} td="underline" style={{ textDecorationStyle: 'dotted', textUnderlineOffset: 4 }}>
                  {message.debtor.name}
                </Text>
              </UnstyledButton>
              <Text size="xs" c="dimmed">
                {formatPhone(message.debtor.phone)}
              </Text>
            </Table.Td>
            <Table.Td>
              <Ticks state={message.state} />
            </Table.Td>
            <Table.Td>{message.session?.name ?? '—'}</Table.Td>
            <Table.Td maw={320}>
              <Text
                size="sm"
                lineClamp={2}
                c={message.reason && !isWaiting(message, new Date()) ? 'red' : undefined}
                title={message.body ?? undefined}
              >
                {reasonInWords(t, message.reason) ?? message.body ?? '—'}
              </Text>
            </Table.Td>
            <Table.Td>
              <Text size="xs" c="dimmed">
                {formatInstant(message.read_at ?? message.delivered_at ?? message.sent_at, language)}
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </ScrolledTable>
  );
}
