import { Card, Select, SimpleGrid, TagsInput, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useLanguage } from '@/lib/use-language';
import { countryOptions, currencies } from './countries';
import type { ImportSettings } from './mapping';

/** How the values of the columns are read. */
export function SettingsCard({ settings, onChange }: { settings: ImportSettings; onChange: (change: Partial<ImportSettings>) => void }) {
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
      <TagsInput mt="md" label={t('tags')} description={t('tags_hint')} value={settings.tags} onChange={(tags) => onChange({ tags })} />
    </Card>
  );
}
