import { Autocomplete, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { variablesQuery } from '@/api/queries';

type Props = { value?: string; error?: ReactNode; onChange?: (name: string) => void };

/** The name of a further field: one of those that debtors have, or whatever is typed. */
export function FieldInput(props: Props) {
  const { t } = useTranslation('debtors');
  const { t: imports } = useTranslation('imports');
  const { data: variables } = useQuery(variablesQuery);
  const names = (variables ?? []).filter(({ custom }) => custom).map(({ name }) => name);
  return (
    <Autocomplete
      label={t('filter.field')}
      data={names}
      limit={50}
      renderOption={({ option: { value } }) => (
        <div>
          <Text size="sm">{value}</Text>
          <Text size="xs" c="dimmed">
            {imports(`field.${value}`, { defaultValue: '' })}
          </Text>
        </div>
      )}
      {...props}
    />
  );
}
