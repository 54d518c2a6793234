import { Alert, Button, Group, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Import } from '@/api/types';
import { formatInstant } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';

type Props = { suggestion: NonNullable<Import['suggestion']>; onDetected: () => void };

/** Says that the columns are mapped as in the last file of the same shape, or as this one was before it was cut short, and offers what was detected instead. */
export function SuggestionNote({ suggestion, onDetected }: Props) {
  const { t } = useTranslation('imports');
  const language = useLanguage();
  return (
    <Alert mb="md" role="status" icon={<IconHistory size={18} />}>
      <Group justify="space-between">
        <Text size="sm">
          {suggestion.confirmed
            ? t('confirmed_before')
            : t('suggested', { file: suggestion.file_name, when: formatInstant(suggestion.used_at, language) })}
        </Text>
        <Button size="xs" variant="default" onClick={onDetected}>
          {t('use_detected')}
        </Button>
      </Group>
    </Alert>
  );
}
