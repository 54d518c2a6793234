import { Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Campaign, CampaignSession, Session } from '@/api/types';
import { ScrolledTable } from '@/components/scrolled-table';
import { SessionStatusBadge } from '@/components/session-status';
import { ErrorState } from '@/components/states';
import { formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { leftToday, numbersOf, usedUp } from './caps';
import { numbersQuery } from './queries';
import { apart } from './shares';

const none = { sent: 0, delivered: 0, read: 0, failed: 0 };

/** Each number that sends or has sent: how it is, what it has done for the campaign, how fast it goes, and what it may still send. */
export function NumbersTable({ campaign, shares }: { campaign: Campaign; shares: CampaignSession[] }) {
  const { t } = useTranslation('campaigns');
  const { t: common } = useTranslation();
  const sessions = useQuery(numbersQuery(campaign.status === 'running'));
  const rows = rowsOf(campaign, sessions.data ?? [], shares);
  return (
    <>
      {sessions.isError && !sessions.data && <ErrorState error={sessions.error} retry={() => void sessions.refetch()} />}
      {rows.length > 0 && (
        <ScrolledTable label={t('by_number')} miw={860} fz="sm" mt="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('messages.number')}</Table.Th>
              <Table.Th>{t('messages.state')}</Table.Th>
              {(['read', 'delivered', 'sent', 'failed'] as const).map((state) => (
                <Table.Th key={state} ta="right">
                  {common(`message_state.${state}`)}
                </Table.Th>
              ))}
              <Table.Th>{t('numbers.pause')}</Table.Th>
              <Table.Th>{t('numbers.today')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Row key={row.id} {...row} />
            ))}
          </Table.Tbody>
        </ScrolledTable>
      )}
    </>
  );
}

type RowProps = { id: number; name: string; session?: Session; share: typeof none };

/** Those that may send as long as it is not over, and then those that have sent and are not among them. */
function rowsOf(campaign: Campaign, sessions: Session[], shares: CampaignSession[]): RowProps[] {
  const isOver = campaign.status === 'finished' || campaign.status === 'cancelled';
  const members = isOver ? [] : numbersOf(campaign, sessions);
  const others = shares.map((share) => share.session).filter(({ id }) => !members.some((member) => member.id === id));
  return [...members, ...others].map(({ id, name }) => {
    const share = shares.find((one) => one.session.id === id);
    return { id, name, session: sessions.find((session) => session.id === id), share: apart(share ?? none) };
  });
}

function Row({ name, session, share }: RowProps) {
  const language = useLanguage();
  const seconds = (ms: number) => formatNumber(ms / 1000, language);
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={600} miw={120}>
        {name}
      </Table.Th>
      <Table.Td miw={150}>{session ? <SessionStatusBadge status={session.status} /> : '—'}</Table.Td>
      {[share.read, share.delivered, share.sent, share.failed].map((count, state) => (
        <Table.Td key={state} ta="right">
          {formatNumber(count, language)}
        </Table.Td>
      ))}
      <Table.Td>{session ? `${seconds(session.delay_min_ms)}–${seconds(session.delay_max_ms)} s` : '—'}</Table.Td>
      <Table.Td>{session ? <Today session={session} /> : '—'}</Table.Td>
    </Table.Tr>
  );
}

/** What a number has sent in a day, over all campaigns, against its caps. */
function Today({ session }: { session: Session }) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  const { caps, sent_today: sent, new_chats_today: chats } = session;
  const figure = (value: number) => formatNumber(value, language);
  const left = leftToday(session);
  const used = { used: figure(sent), cap: figure(caps.per_day ?? 0), left: figure(left ?? 0) };
  const kind = caps.warm_up ? 'warming' : left === null ? 'of' : 'left';
  const words = [
    caps.per_day === null ? t(caps.warm_up ? 'numbers.warming_free' : 'numbers.free', used) : t(`numbers.${kind}`, used),
    caps.new_chats_per_day !== null && t('numbers.chats', { used: figure(chats), cap: figure(caps.new_chats_per_day) }),
  ];
  return (
    <Text size="sm" c={usedUp(session).length > 0 ? 'red' : undefined}>
      {words.filter(Boolean).join(' · ')}
    </Text>
  );
}
