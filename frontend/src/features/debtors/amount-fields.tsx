import { Group, NumberInput, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useTranslation } from 'react-i18next';

/** An amount and its currency, of a form that has both. */
export function AmountFields<Values>({ form, label }: { form: UseFormReturnType<Values>; label: string }) {
  const { t } = useTranslation('debtors');
  return (
    <Group grow align="flex-start">
      <NumberInput label={label} min={0} thousandSeparator=" " decimalScale={2} {...form.getInputProps('amount')} />
      <TextInput label={t('currency')} maxLength={3} {...form.getInputProps('currency')} />
    </Group>
  );
}
