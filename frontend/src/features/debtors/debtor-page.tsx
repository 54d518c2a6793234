import { Badge, Button, Card, Grid, Group, Stack, Table, Text, Title } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { meQuery } from '@/api/queries';
import type { Debtor, DebtorWithDebts } from '@/api/types';
import { TextLink } from '@/components/link-button';
import { PageHeader } from '@/components/page-header';
import { Loaded } from '@/components/states';
import { formatField, formatInstant, formatPhone } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { DebtorForm } from './debtor-form';
import { DebtorStatusBadge } from './debtor-status';
import { DebtorTimeline } from './debtor-timeline';
import { Debts } from './debts';
import { NoteForm } from './note-form';
import { Promises } from './promises';
import { debtorQuery, standingQuery } from './queries';
import { SecondPhone } from './second-phone';
import { SuppressionNote } from './suppression-note';

const route = getRouteApi('/shell/debtors/$id');

/** One debtor: who they are, how they stand with us, and all that happened. */
export function DebtorPage() {
  const { id } = route.useParams();
  return <Loaded query={useQuery(debtorQuery(id))}>{(debtor) => <DebtorView key={id} debtor={debtor} />}</Loaded>;
}

function DebtorView({ debtor }: { debtor: DebtorWithDebts }) {
  const { t } = useTranslation('debtors');
  const { t: common } = useTranslation();
  const { data: me } = useQuery(meQuery);
  const mayManage = me?.role !== 'agent';
  const [editing, edit] = useState(false);
  return (
    <>
      <PageHeader
        above={
          <TextLink to="/debtors" size="sm">
            ← {t('title')}
          </TextLink>
        }
        title={debtor.name}
        actions={
          mayManage && (
            <Button variant="default" leftSection={<IconPencil size={17} />} onClick={() => edit(true)}>
              {common('action.edit')}
            </Button>
          )
        }
      />
      <Group gap="xs" mb="lg" mt={-8}>
        <DebtorStatusBadge status={debtor.status} />
        <Text size="sm" c="dimmed">
          {formatPhone(debtor.phone)}
        </Text>
        {debtor.tags.map((tag) => (
          <Badge key={tag} color="gray">
            {tag}
          </Badge>
        ))}
      </Group>
      <SuppressionNote debtor={debtor} mayManage={mayManage} />
      {mayManage && <SecondPhone debtor={debtor} />}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="lg">
            <Facts debtor={debtor} />
            <Debts debtor={debtor} mayManage={mayManage} />
            <Promises debtor={debtor} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="lg">
            <NoteForm debtor={debtor} />
            <DebtorTimeline debtor={debtor} />
          </Stack>
        </Grid.Col>
      </Grid>
      {editing && <DebtorForm debtor={debtor} onClose={() => edit(false)} />}
    </>
  );
}

/** What is known of them. */
function Facts({ debtor }: { debtor: Debtor }) {
  const { t } = useTranslation('debtors');
  const { t: field } = useTranslation('imports');
  const language = useLanguage();
  const { data: standing } = useQuery(standingQuery(debtor.id));
  const facts: [string, string][] = [
    ...(standing ? [[t('last_contact'), formatInstant(standing.last_contact_at, language)] satisfies [string, string]] : []),
    [t('last_heard'), formatInstant(debtor.last_heard_at, language)],
    ...(standing ? [[t('from_import'), standing.import?.name ?? '—'] satisfies [string, string]] : []),
    [t('added'), formatInstant(debtor.created_at, language)],
    ...Object.entries(debtor.fields).map(([name, value]): [string, string] => [
      field(`field.${name}`, { defaultValue: name }),
      formatField(name, value),
    ]),
  ];
  return (
    <Card component="section" aria-label={t('facts')}>
      <Title order={2} fz="md" mb="sm">
        {t('facts')}
      </Title>
      <Table variant="vertical" layout="fixed" aria-label={t('facts')}>
        <Table.Tbody>
          {facts.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th w={150}>{name}</Table.Th>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
