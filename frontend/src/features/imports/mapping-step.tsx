import { Alert, Button, Card, Code, Group, Select, SimpleGrid, Switch, Table, TagsInput, Text, Title } from '@mantine/core';
import { IconTableImport } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Import } from '@/api/types';
import { formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { CommitProgress } from './commit-progress';
import { countryOptions, currencies } from './countries';
import {
  detectedMapping,
  detectedSettings,
  importFields,
  missingFields,
  variableNames,
  withField,
  type ImportField,
  type ImportSettings,
  type Mapping,
} from './mapping';

type Props = {
  preview: Import;
  committing: boolean;
  onBack: () => void;
  onCommit: (mapping: Mapping, settings: ImportSettings) => void;
};

/** What each column is, and how to read its values. */
export function MappingStep({ preview, committing, onBack, onCommit }: Props) {
  const { t } = useTranslation('imports');
  const language = useLanguage();
  const [mapping, setMapping] = useState(() => detectedMapping(preview.columns));
  const [settings, setSettings] = useState(() => detectedSettings(preview.settings_detected));
  const missing = missingFields(mapping);
  const variables = variableNames(preview.columns, mapping);
  return (
    <>
      <Text mb="md">
        <b>{preview.file_name}</b> · {t('rows', { count: preview.rows, rows: formatNumber(preview.rows, language) })}
      </Text>
      <Card mb="lg" component="section" aria-label={t('columns')}>
        <Title order={2} fz="md" mb="xs">
          {t('columns')}
        </Title>
        <Table.ScrollContainer minWidth={560}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('column')}</Table.Th>
                <Table.Th>{t('samples')}</Table.Th>
                <Table.Th w={240}>{t('becomes')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {preview.columns.map((column) => (
                <Table.Tr key={column.index}>
                  <Table.Td fw={600}>{column.header || t('no_header')}</Table.Td>
                  <Table.Td>
                    <Text size="sm" c="dimmed" lineClamp={2}>
                      {column.samples.join(' · ')}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    <Select
                      aria-label={t('becomes_of', { column: column.header })}
                      data={importFields.map((field) => ({ value: field, label: t(`field.${field}`) }))}
                      value={mapping[column.index] ?? 'ignore'}
                      allowDeselect={false}
                      onChange={(field) => field && setMapping(withField(mapping, column.index, field as ImportField))}
                    />
                    {mapping[column.index] === 'custom' && (
                      <Text size="xs" c="dimmed" mt={4}>
                        <Code>{`{{ ${variables[column.index]} }}`}</Code>
                      </Text>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Card>
      <SettingsCard settings={settings} onChange={(change) => setSettings({ ...settings, ...change })} />
      {missing.length > 0 && (
        <Alert color="yellow" mb="md" role="status">
          {t('missing', { fields: missing.map((field) => t(`field.${field}`)).join(', ') })}
        </Alert>
      )}
      {committing && <CommitProgress id={preview.id} total={preview.rows} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack} disabled={committing}>
          {t('other_file')}
        </Button>
        <Button
          leftSection={<IconTableImport size={18} />}
          disabled={missing.length > 0}
          loading={committing}
          onClick={() => onCommit(mapping, settings)}
        >
          {t('commit', { count: preview.rows, rows: formatNumber(preview.rows, language) })}
        </Button>
      </Group>
    </>
  );
}

function SettingsCard({ settings, onChange }: { settings: ImportSettings; onChange: (change: Partial<ImportSettings>) => void }) {
  const { t } = useTranslation('imports');
  const language = useLanguage();
  const choices = (group: string, values: string[]) => values.map((value) => ({ value, label: t(`${group}.${value}`) }));
  return (
    <Card mb="lg" component="section" aria-label={t('settings')}>
      <Title order={2} fz="md" mb="sm">
        {t('settings')}
      </Title>
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }}>
        <Select
          label={t('country')}
          description={t('country_hint')}
          searchable
          allowDeselect={false}
          data={countryOptions(language, settings.country)}
          value={settings.country}
          onChange={(country) => country && onChange({ country })}
        />
        <Select
          label={t('currency')}
          description={t('currency_hint')}
          searchable
          allowDeselect={false}
          data={[...new Set([...currencies, settings.currency])]}
          value={settings.currency}
          onChange={(currency) => currency && onChange({ currency })}
        />
        <Select
          label={t('date_order')}
          description={t('date_hint')}
          allowDeselect={false}
          data={choices('order', ['dmy', 'mdy', 'ymd'])}
          value={settings.date_order}
          onChange={(value) => value && onChange({ date_order: value as ImportSettings['date_order'] })}
        />
        <Select
          label={t('decimal_label')}
          description={t('decimal_hint')}
          allowDeselect={false}
          data={choices('decimal', ['auto', 'comma', 'point'])}
          value={settings.decimal}
          onChange={(value) => value && onChange({ decimal: value as ImportSettings['decimal'] })}
        />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, sm: 2 }} mt="md">
        <TagsInput label={t('tags')} description={t('tags_hint')} value={settings.tags} onChange={(tags) => onChange({ tags })} />
        <Switch
          label={t('update')}
          description={t('update_hint')}
          mt={{ base: 0, sm: 'lg' }}
          checked={settings.update_existing}
          onChange={(event) => onChange({ update_existing: event.currentTarget.checked })}
        />
      </SimpleGrid>
    </Card>
  );
}
