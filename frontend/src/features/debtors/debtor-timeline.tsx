import { Card, Text, Timeline, Title } from '@mantine/core';
import {
  IconBan,
  IconCoin,
  IconFileImport,
  IconMessageReply,
  IconNote,
  IconPhoneCheck,
  IconReceipt,
  IconSend,
  IconUserCheck,
} from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { components } from '@/api/schema.gen';
import type { Debtor } from '@/api/types';
import { TextLink } from '@/components/link-button';
import { LoadMore } from '@/components/load-more';
import { ErrorState, LoadingRows } from '@/components/states';
import { formatDate, formatInstant } from '@/lib/format';
import { stateColors } from '@/lib/progress';
import { useLanguage } from '@/lib/use-language';
import { debtorTimelineQuery } from './queries';
import { ValueChanges } from '@/components/value-changes';
import { ReceivedFile } from './received-file';

type Happened = components['schemas']['DebtorEventKind'];

/** Every contact with a debtor, newest first. */
export function DebtorTimeline({ debtor }: { debtor: Debtor }) {
  const { t } = useTranslation('debtors');
  const { t: campaigns } = useTranslation('campaigns');
  const language = useLanguage();
  const inWords = (reason: string | null) => {
    const [code = '', ...detail] = (reason ?? '').split(': ');
    return reason && campaigns(`reason.${code}`, { defaultValue: reason, detail: detail.join(': ') });
  };
  const value = (name: string) => t(name, { defaultValue: name });
  const list = useInfiniteQuery(debtorTimelineQuery(debtor.id));
  const events = list.data?.pages.flatMap((page) => page.items);
  return (
    <Card component="section" aria-label={t('timeline.title')} aria-busy={list.isFetching}>
      <Title order={2} fz="md" mb="md">
        {t('timeline.title')}
      </Title>
      {list.isPending && <LoadingRows rows={4} height={40} />}
      {list.isError && !events && <ErrorState error={list.error} retry={() => void list.refetch()} />}
      {events?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('timeline.none')}
        </Text>
      )}
      {events && events.length > 0 && (
        <Timeline active={events.length} bulletSize={26} lineWidth={2} aria-label={t('timeline.title')}>
          {events.map(({ at, id, what }) => (
            <Timeline.Item
              key={`${what.kind} ${id}`}
              bullet={bullets[what.kind]}
              color={what.kind === 'message' ? stateColors[what.state] : undefined}
              title={
                <Text size="sm" fw={600}>
                  <Headline what={what} />
                </Text>
              }
            >
              <Text size="xs" c="dimmed">
                {[formatInstant(at, language), ...details(what, inWords, value)].filter(Boolean).join(' · ')}
              </Text>
              {what.kind === 'inbound' && what.file && <ReceivedFile file={what.file} from={debtor.name || debtor.phone} at={at} />}
              <Words what={what} />
            </Timeline.Item>
          ))}
        </Timeline>
      )}
      <LoadMore query={list} />
    </Card>
  );
}

const bullets: Record<Happened['kind'], ReactNode> = {
  message: <IconSend size={14} aria-hidden />,
  inbound: <IconMessageReply size={14} aria-hidden />,
  note: <IconNote size={14} aria-hidden />,
  promise: <IconCoin size={14} aria-hidden />,
  status: <IconUserCheck size={14} aria-hidden />,
  suppression: <IconBan size={14} aria-hidden />,
  debt: <IconReceipt size={14} aria-hidden />,
  second_phone: <IconPhoneCheck size={14} aria-hidden />,
  import: <IconFileImport size={14} aria-hidden />,
};

function Headline({ what }: { what: Happened }) {
  const { t } = useTranslation('debtors');
  const { t: common } = useTranslation();
  const language = useLanguage();
  switch (what.kind) {
    case 'message':
      return (
        <>
          {common(`message_state.${what.state}`)} ·{' '}
          <TextLink to="/campaigns/$id" params={{ id: what.campaign.id }} size="sm">
            {what.campaign.name}
          </TextLink>
        </>
      );
    case 'inbound':
      return t('timeline.inbound');
    case 'note':
      return t('timeline.note');
    case 'promise':
      return t('timeline.promise', {
        amount: what.promise.amount?.text ?? t('promise.no_amount'),
        date: formatDate(what.promise.due_date, language),
        status: t(`promise.${what.promise.status}`),
      });
    case 'status':
      return t('timeline.status', { status: t(`status.${what.status}`) });
    case 'second_phone':
      return t('timeline.second_phone');
    case 'suppression':
      return t(what.lifted ? 'timeline.lifted' : 'timeline.suppressed');
    case 'debt':
      return [t(`timeline.debt_${what.change}`), what.reference].filter(Boolean).join(': ');
    case 'import':
      return (
        <>
          {t('timeline.import')}{' '}
          <TextLink to="/debtors/imports/$id" params={{ id: what.import.id }} size="sm">
            {what.import.name}
          </TextLink>
        </>
      );
  }
}

/** Who or what had to do with it. */
function details(what: Happened, inWords: (reason: string | null) => string | null, value: (name: string) => string): (string | null)[] {
  switch (what.kind) {
    case 'message':
      return [what.session, inWords(what.reason)];
    case 'inbound':
      return [what.session];
    case 'note':
      return [what.author];
    case 'promise':
      return [what.promise.created_by.name];
    case 'status':
    case 'suppression':
    case 'second_phone':
      return [what.author];
    case 'debt':
      return [what.author, what.changed.map(value).join(', ')];
    case 'import':
      return [];
  }
}

/** What was said, or why. */
function wordsOf(what: Happened): string | null {
  switch (what.kind) {
    case 'status':
    case 'suppression':
      return what.reason;
    case 'promise':
    case 'debt':
    case 'second_phone':
    case 'import':
      return null;
    default:
      return what.body;
  }
}

function Words({ what }: { what: Happened }) {
  const text = wordsOf(what);
  if (what.kind === 'import') return <ValueChanges changes={what.changes} />;
  if (!text) return null;
  return (
    <Text size="sm" mt={4} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
      {text}
    </Text>
  );
}
