import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { components } from '@/api/schema.gen';
import { formatDate, formatField } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';

type Change = components['schemas']['ValueChange'];

/** What an import changes of a debtor: each value as it was, and as it becomes. */
export function ValueChanges({ changes }: { changes: Change[] }) {
  return changes.map((change, place) => (
    <Text key={place} size="sm" style={{ overflowWrap: 'anywhere' }}>
      <Name change={change} /> <Value change={change} value={change.before} before /> → <Value change={change} value={change.after} />
    </Text>
  ));
}

function Name({ change }: { change: Change }) {
  const { t } = useTranslation('imports');
  const of = change.of ?? '';
  const name = change.what === 'custom' ? t(`field.${of}`, { defaultValue: of }) : t(`field.${change.what}`);
  const debt = change.what !== 'custom' && of ? ` (${of})` : '';
  return (
    <Text span c="dimmed" size="sm">
      {name}
      {debt}:
    </Text>
  );
}

function Value({ change, value, before }: { change: Change; value: string | null; before?: boolean }) {
  const language = useLanguage();
  const written = (value: string) => {
    if (change.what === 'due_date') return formatDate(value, language);
    return change.what === 'custom' ? formatField(change.of ?? '', value) : value;
  };
  const text = value === null ? null : written(value);
  return (
    <Text span size="sm" td={before && text ? 'line-through' : undefined} fw={before ? undefined : 600}>
      <bdi>{text ?? '—'}</bdi>
    </Text>
  );
}
