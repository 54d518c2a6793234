import { NumberInput, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatInstant } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { recentImportsQuery } from './queries';

type Id = number | '' | string;
type Props = { value?: Id; error?: ReactNode; onChange?: (id: Id) => void };

/** An import by its file. One that is not among the newest is found by its number, as all are where the list cannot be had. */
export function ImportSelect({ value = '', error, onChange }: Props) {
  const { t } = useTranslation('debtors');
  const language = useLanguage();
  const { data: imports, isError } = useQuery(recentImportsQuery);
  const [sought, seek] = useState('');
  if (isError && !imports) {
    return (
      <NumberInput
        label={t('filter.import_id')}
        min={1}
        allowDecimal={false}
        hideControls
        value={value}
        error={error}
        onChange={onChange}
      />
    );
  }
  const files = (imports ?? []).map(({ id, file_name: file, created_at: at }) => ({
    value: String(id),
    label: `${file} · ${formatInstant(at, language)}`,
  }));
  const others = [...new Set([String(value), sought.trim()])]
    .filter((id) => /^[1-9]\d{0,14}$/.test(id) && !files.some((file) => file.value === id))
    .map((id) => ({ value: id, label: t('filter.import_number', { id }) }));
  return (
    <Select
      label={t('filter.import')}
      description={t('filter.import_hint')}
      searchable
      clearable
      limit={100}
      nothingFoundMessage={t('filter.import_none')}
      disabled={!imports}
      data={[...files, ...others]}
      value={value === '' ? null : String(value)}
      error={error}
      onSearchChange={seek}
      onChange={(id) => onChange?.(id === null ? '' : Number(id))}
    />
  );
}
