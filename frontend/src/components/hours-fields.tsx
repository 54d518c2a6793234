import { ActionIcon, Button, Chip, Group, Paper, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Hours } from '@/api/types';
import { useLanguage } from '@/lib/use-language';

type Props = {
  label: string;
  hint: string;
  hours: Hours[];
  onChange: (hours: Hours[]) => void;
  errors?: Record<string, string>;
  disabled?: boolean;
};

/** 2024-01-01 was a Monday. */
const weekday = (day: number, language: string) =>
  new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' }).format(new Date(Date.UTC(2024, 0, day)));

/** A day ends at 24:00, which a time field does not know. */
const shown = (time: string) => (time === '24:00' ? '00:00' : time);
const meant = (time: string) => (time === '00:00' ? '24:00' : time);

/** Hours of the week, row by row; no row at all is any hour. `errors` are by path, as `0.days`, or empty for the whole. */
export function HoursFields({ label, hint, hours, onChange, errors = {}, disabled = false }: Props) {
  const { t } = useTranslation();
  const language = useLanguage();
  const change = (index: number, part: Partial<Hours>) => onChange(hours.map((row, at) => (at === index ? { ...row, ...part } : row)));
  return (
    <Stack gap="xs" role="group" aria-label={label}>
      <Text size="sm" fw={500}>
        {label}
      </Text>
      <Text size="xs" c="dimmed">
        {hours.length === 0 ? t('hours.any') : hint}
      </Text>
      {hours.map((row, index) => (
        <Paper key={index} withBorder p="sm" radius="md">
          <Chip.Group multiple value={row.days.map(String)} onChange={(days) => change(index, { days: days.map(Number).sort() })}>
            <Group gap={6} mb="sm">
              {[1, 2, 3, 4, 5, 6, 7].map((day) => (
                <Chip key={day} value={String(day)} size="xs" disabled={disabled}>
                  {weekday(day, language)}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
          <Group gap="xs" align="flex-start">
            <TextInput
              type="time"
              aria-label={t('hours.from')}
              value={row.from}
              disabled={disabled}
              onChange={(event) => change(index, { from: event.currentTarget.value })}
            />
            <Text c="dimmed" mt={6}>
              –
            </Text>
            <TextInput
              type="time"
              aria-label={t('hours.until')}
              value={shown(row.until)}
              disabled={disabled}
              onChange={(event) => change(index, { until: meant(event.currentTarget.value) })}
            />
            {!disabled && (
              <ActionIcon
                variant="subtle"
                color="gray"
                mt={4}
                aria-label={t('hours.remove')}
                onClick={() => onChange(hours.filter((_, at) => at !== index))}
              >
                <IconTrash size={17} />
              </ActionIcon>
            )}
          </Group>
          {Object.entries(errors)
            .filter(([path]) => path === String(index) || path.startsWith(`${index}.`))
            .map(([path, text]) => (
              <Text key={path} size="xs" c="red" mt={6} role="alert">
                {text}
              </Text>
            ))}
        </Paper>
      ))}
      {errors[''] && (
        <Text size="xs" c="red" role="alert">
          {errors['']}
        </Text>
      )}
      {!disabled && (
        <Group gap="xs">
          <Button
            variant="subtle"
            size="xs"
            leftSection={<IconPlus size={15} />}
            onClick={() => onChange([...hours, { days: [1, 2, 3, 4, 5], from: '08:00', until: '18:00' }])}
          >
            {t('hours.add')}
          </Button>
          {hours.length > 0 && (
            <Button variant="subtle" size="xs" color="gray" onClick={() => onChange([])}>
              {t('hours.clear')}
            </Button>
          )}
        </Group>
      )}
    </Stack>
  );
}
