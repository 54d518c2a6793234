import { Alert, Button, List, Stack, Table, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { fieldErrors } from '@/api/problem';
import type { CampaignPreview, CampaignPreviewIn } from '@/api/types';
import { ScrolledTable } from '@/components/scrolled-table';
import { describeError } from '@/lib/feedback';
import { formatInstant, formatPhone } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { PreviewFollowUps } from './preview-follow-ups';
import { ExaminedNote, PreviewReasons } from './preview-reasons';
import { reasonInWords } from './reason';

/** Asks the server who would get what and when, who would wait, and who would get nothing and why. */
export function Preview({ meant }: { meant: CampaignPreviewIn }) {
  const { t } = useTranslation('campaigns');
  const preview = useMutation({ mutationFn: () => unwrap(api.POST('/api/campaigns/preview', { body: meant })) });
  return (
    <Stack gap="sm">
      <Button variant="light" size="xs" onClick={() => preview.mutate()} loading={preview.isPending}>
        {t('preview.show')}
      </Button>
      {preview.isError && (
        <Alert color="red" role="alert" title={describeError(preview.error).detail}>
          {Object.values(fieldErrors(preview.error)).join(' ')}
        </Alert>
      )}
      {preview.data && <Result preview={preview.data} />}
    </Stack>
  );
}

function Result({ preview }: { preview: CampaignPreview }) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  const { begins_at: begins } = preview;
  return (
    <Stack gap="xs" aria-live="polite">
      <ExaminedNote {...preview} />
      {begins && <Text size="sm">{t('preview.begins', { when: formatInstant(begins, language) })}</Text>}
      <List size="sm" spacing={4}>
        <List.Item>{t(begins ? 'preview.then' : 'preview.now', { count: preview.now })}</List.Item>
        <PreviewReasons {...preview} />
      </List>
      <Recipients recipients={preview.recipients} />
      {preview.follow_ups.length > 0 && <PreviewFollowUps followUps={preview.follow_ups} />}
    </Stack>
  );
}

/** Some of them one by one: what they would get, and why not or not yet. */
function Recipients({ recipients }: Pick<CampaignPreview, 'recipients'>) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  return (
    <ScrolledTable label={t('preview.recipients')} longest={260} fz="xs">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('messages.debtor')}</Table.Th>
          <Table.Th>{t('messages.text')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {recipients.map(({ debtor_id: id, name, phone, text, reason, until }) => (
          <Table.Tr key={id}>
            <Table.Td valign="top">
              {name}
              <Text size="xs" c="dimmed">
                {formatPhone(phone)}
              </Text>
            </Table.Td>
            <Table.Td>
              <Text size="xs" c={text === null ? 'red' : undefined} lineClamp={2}>
                {text ?? reasonInWords(t, reason)}
              </Text>
              {text !== null && reason && (
                <Text size="xs" c="dimmed">
                  {reasonInWords(t, reason)} · {formatInstant(until, language)}
                </Text>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </ScrolledTable>
  );
}
