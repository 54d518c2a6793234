import { Anchor, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useLanguage } from '@/lib/use-language';

/** A workbook to try the import with, in the reader's language. */
export function SampleLink() {
  const { t } = useTranslation('imports');
  const language = useLanguage();
  return (
    <Text size="sm" c="dimmed">
      {t('sample.text')}{' '}
      <Anchor href={`/api/debtors/imports/sample.xlsx?language=${language}`} download fw={600}>
        <IconDownload size={15} aria-hidden style={{ verticalAlign: -2 }} /> {t('sample.link')}
      </Anchor>
    </Text>
  );
}
