import { Button, Card, Center, Chip, Group, ScrollArea, Table, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Campaign, Message } from '@/api/types';
import { ErrorState, LoadingRows } from '@/components/states';
import { formatInstant, formatNumber, formatPhone } from '@/lib/format';
import { sharesOf } from '@/lib/progress';
import { useLanguage } from '@/lib/use-language';
import { messageListQuery } from './queries';
import { reasonInWords } from './reason';
import { Ticks } from './ticks';

const route = getRouteApi('/shell/campaigns/$id');

/** The campaign's ledger; its filters live in the URL. */
export function MessagesCard({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns');
  const { t: common } = useTranslation();
  const language = useLanguage();
  const { state, search } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(messageListQuery(campaign.id, { state, search }));
  const find = useDebouncedCallback(
    (text: string) => void navigate({ search: (now) => ({ ...now, search: text.trim() || undefined }), replace: true }),
    300,
  );
  const messages = list.data?.pages.flatMap((page) => page.items);

  return (
    <Card component="section" aria-label={t('messages.title')} mt="lg">
      <Group justify="space-between" mb="sm">
        <Title order={2} fz="md">
          {t('messages.title')}
        </Title>
        <TextInput
          aria-label={t('messages.search')}
          placeholder={t('messages.search')}
          leftSection={<IconSearch size={16} />}
          defaultValue={search}
          onChange={(event) => find(event.currentTarget.value)}
        />
      </Group>
      <Group gap={6} mb="md" role="group" aria-label={t('messages.filter')}>
        {sharesOf(campaign.counts).map(({ state: one, count }) => (
          <Chip
            key={one}
            size="xs"
            checked={state === one}
            onChange={(on) => void navigate({ search: (now) => ({ ...now, state: on ? one : undefined }), replace: true })}
          >
            {common(`message_state.${one}`)} · {formatNumber(count, language)}
          </Chip>
        ))}
      </Group>
      {list.isPending && <LoadingRows height={36} />}
      {list.isError && !messages && <ErrorState error={list.error} retry={() => void list.refetch()} />}
      {messages && <MessageTable messages={messages} />}
      {list.hasNextPage && (
        <Center mt="md">
          <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {common('action.load_more')}
          </Button>
        </Center>
      )}
    </Card>
  );
}

function MessageTable({ messages }: { messages: Message[] }) {
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
    <ScrollArea type="auto">
      <Table miw={680} highlightOnHover>
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
                <Text size="sm" fw={600}>
                  {message.debtor.name}
                </Text>
                <Text size="xs" c="dimmed">
                  {formatPhone(message.debtor.phone)}
                </Text>
              </Table.Td>
              <Table.Td>
                <Ticks state={message.state} />
              </Table.Td>
              <Table.Td>{message.session?.name ?? '—'}</Table.Td>
              <Table.Td maw={320}>
                <Text size="sm" lineClamp={2} c={message.reason ? 'red' : undefined} title={message.body ?? undefined}>
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
      </Table>
    </ScrollArea>
  );
}
