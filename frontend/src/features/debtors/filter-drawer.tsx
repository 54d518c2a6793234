import { Button, Drawer, Fieldset, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { FieldInput } from './field-input';
import type { DebtorFilter } from './filter';
import { ImportSelect } from './import-select';
import { fromMinor, toMinor } from './money';

type Props = { filter: DebtorFilter; onFilter: (change: DebtorFilter) => void; onClose: () => void };

type Amount = number | '' | string;
const number = (value: Amount): number | undefined => (value === '' ? undefined : Number(value));
const yesNo = (value: boolean | null | undefined): string | null => (value == null ? null : value ? 'yes' : 'no');
const truth = (value: string | null): boolean | undefined => (value === null ? undefined : value === 'yes');

/** All filters that are asked for now and then. */
export function FilterDrawer({ filter, onFilter, onClose }: Props) {
  const { t } = useTranslation('debtors');
  const { t: common } = useTranslation();
  const currency = filter.currency ?? 'COP';
  const major = (minor: number | null | undefined): Amount => (minor == null ? '' : fromMinor(minor, currency));
  const form = useForm({
    initialValues: {
      currency: filter.currency ?? '',
      amountFrom: major(filter.amount_from),
      amountUntil: major(filter.amount_until),
      overdueFrom: (filter.overdue_from ?? '') as Amount,
      overdueUntil: (filter.overdue_until ?? '') as Amount,
      field: filter.field ?? '',
      value: filter.value ?? '',
      contacted: yesNo(filter.contacted),
      contactedFrom: filter.contacted_from ?? '',
      contactedUntil: filter.contacted_until ?? '',
      replied: yesNo(filter.replied),
      importId: (filter.import_id ?? '') as Amount,
    },
    validate: {
      currency: (code, { amountFrom, amountUntil }) =>
        (amountFrom !== '' || amountUntil !== '') && !/^[a-z]{3}$/i.test(code.trim()) ? t('filter.currency_needed') : null,
      amountUntil: (until, { amountFrom }) => reversed(amountFrom, until),
      overdueUntil: (until, { overdueFrom }) => reversed(overdueFrom, until),
      contactedUntil: (until, { contactedFrom }) => (until && contactedFrom && until < contactedFrom ? t('filter.reversed') : null),
      value: (value, { field }) => (field.trim() && !value.trim() ? common('error.required') : null),
      field: (field, { value }) => (value.trim() && !field.trim() ? common('error.required') : null),
    },
  });
  function reversed(from: Amount, until: Amount): string | null {
    return from !== '' && until !== '' && Number(until) < Number(from) ? t('filter.reversed') : null;
  }
  const apply = form.onSubmit((values) => {
    const code = values.currency.trim().toUpperCase();
    const minor = (amount: Amount) => (amount === '' ? undefined : toMinor(Number(amount), code));
    onFilter({
      currency: code || undefined,
      amount_from: minor(values.amountFrom),
      amount_until: minor(values.amountUntil),
      overdue_from: number(values.overdueFrom),
      overdue_until: number(values.overdueUntil),
      field: values.field.trim() || undefined,
      value: values.value.trim() || undefined,
      contacted: truth(values.contacted),
      contacted_from: values.contactedFrom || undefined,
      contacted_until: values.contactedUntil || undefined,
      replied: truth(values.replied),
      import_id: number(values.importId),
    });
    onClose();
  });
  const answers = [
    { value: 'yes', label: t('filter.yes') },
    { value: 'no', label: t('filter.no') },
  ];
  return (
    <Drawer opened onClose={onClose} position="right" title={<Text fw={650}>{t('filter.more')}</Text>}>
      <form onSubmit={apply}>
        <Stack>
          <Fieldset legend={t('amount')}>
            <Stack gap="sm">
              <TextInput label={t('currency')} maxLength={3} placeholder="COP" {...form.getInputProps('currency')} />
              <Group grow align="flex-start">
                <NumberInput
                  label={t('filter.from')}
                  min={0}
                  thousandSeparator=" "
                  decimalScale={2}
                  {...form.getInputProps('amountFrom')}
                />
                <NumberInput
                  label={t('filter.until')}
                  min={0}
                  thousandSeparator=" "
                  decimalScale={2}
                  {...form.getInputProps('amountUntil')}
                />
              </Group>
            </Stack>
          </Fieldset>
          <Fieldset legend={t('filter.overdue')}>
            <Group grow align="flex-start">
              <NumberInput label={t('filter.from')} allowDecimal={false} {...form.getInputProps('overdueFrom')} />
              <NumberInput label={t('filter.until')} allowDecimal={false} {...form.getInputProps('overdueUntil')} />
            </Group>
          </Fieldset>
          <Fieldset legend={t('last_contact')}>
            <Stack gap="sm">
              <Select label={t('filter.contacted')} clearable data={answers} {...form.getInputProps('contacted')} />
              <Group grow align="flex-start">
                <TextInput type="date" label={t('filter.from')} {...form.getInputProps('contactedFrom')} />
                <TextInput type="date" label={t('filter.until')} {...form.getInputProps('contactedUntil')} />
              </Group>
            </Stack>
          </Fieldset>
          <Select label={t('filter.replied')} clearable data={answers} {...form.getInputProps('replied')} />
          <Fieldset legend={t('filter.own_field')}>
            <Group grow align="flex-start">
              <FieldInput {...form.getInputProps('field')} />
              <TextInput
                label={t('filter.value')}
                description={t('filter.value_hint')}
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                {...form.getInputProps('value')}
              />
            </Group>
          </Fieldset>
          <ImportSelect {...form.getInputProps('importId')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {common('action.cancel')}
            </Button>
            <Button type="submit">{t('filter.apply')}</Button>
          </Group>
        </Stack>
      </form>
    </Drawer>
  );
}
