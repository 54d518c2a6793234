import { Alert, Button, List, ScrollArea, Stack, Table, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import type { Audience, CampaignPreview } from '@/api/types';
import { describeError } from '@/lib/feedback';
import { formatInstant, formatNumber, formatPhone } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { reasonInWords } from './reason';

type Props = { template: number; audience: Audience };

/** Asks the server who would get what, who would wait, and who would get nothing and why. */
export function Preview({ template, audience }: Props) {
  const { t } = useTranslation('campaigns');
  const preview = useMutation({
    mutationFn: () => unwrap(api.POST('/api/campaigns/preview', { body: { template_id: template, audience } })),
  });
  return (
    <Stack gap="sm">
      <Button variant="light" size="xs" onClick={() => preview.mutate()} loading={preview.isPending}>
        {t('preview.show')}
      </Button>
      {preview.isError && <Alert color="red">{describeError(preview.error).detail}</Alert>}
      {preview.data && <Result preview={preview.data} />}
    </Stack>
  );
}

function Result({ preview }: { preview: CampaignPreview }) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  const inWords = (reason: string | null) => reasonInWords(t, reason) ?? '';
  return (
    <Stack gap="xs" aria-live="polite">
      {preview.examined < preview.audience && (
        <Text size="xs" c="dimmed">
          {t('preview.examined', { count: preview.examined })}
        </Text>
      )}
      <List size="sm" spacing={4}>
        <List.Item>{t('preview.now', { count: preview.now })}</List.Item>
        {preview.waiting.map(({ reason, count, until }) => (
          <List.Item key={reason}>
            {t('preview.waiting', { count: formatNumber(count, language), reason: inWords(reason), when: formatInstant(until, language) })}
          </List.Item>
        ))}
        {preview.refused.map(({ reason, count }) => (
          <List.Item key={reason}>{t('preview.refused', { count: formatNumber(count, language), reason: inWords(reason) })}</List.Item>
        ))}
      </List>
      <ScrollArea.Autosize mah={260} type="auto">
        <Table fz="xs">
          <Table.Tbody>
            {preview.recipients.map(({ debtor_id: id, name, phone, text, reason }) => (
              <Table.Tr key={id}>
                <Table.Td>
                  {name}
                  <Text size="xs" c="dimmed">
                    {formatPhone(phone)}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <Text size="xs" c={text === null ? 'red' : undefined} lineClamp={2}>
                    {reason ? inWords(reason) : text}
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea.Autosize>
    </Stack>
  );
}
