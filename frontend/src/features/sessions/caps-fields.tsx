import { Accordion, Group, NumberInput, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Caps } from '@/api/types';

type Props = { caps: Caps; onChange: (caps: Caps) => void; errors: Record<string, string> };

const kinds = [
  ['per_minute', 'per_minute'],
  ['per_hour', 'per_hour'],
  ['per_day', 'per_day'],
  ['new_chats_per_day', 'new_chats'],
] as const;

/** The day of an instant on the reader's clock, as a date field wants it. */
const dayOf = (instant: string) => new Date(instant).toLocaleDateString('sv-SE');

/** What a number sends at the most, and less while it is new. */
export function CapsFields({ caps, onChange, errors }: Props) {
  const { t } = useTranslation('sessions');
  const warmUp = caps.warm_up;
  const [open, setOpen] = useState<string | null>(null);
  // Nobody should have to look for what is wrong.
  const isWrong = Object.keys(errors).some((path) => path.startsWith('caps'));
  return (
    <Accordion variant="separated" value={isWrong ? 'caps' : open} onChange={setOpen}>
      <Accordion.Item value="caps">
        <Accordion.Control>{t('caps.title')}</Accordion.Control>
        <Accordion.Panel>
          <Stack>
            <Text size="xs" c="dimmed">
              {t('caps.hint')}
            </Text>
            <Group grow align="flex-start">
              {kinds.map(([field, text]) => (
                <NumberInput
                  key={field}
                  label={t(`caps.${text}`)}
                  min={1}
                  max={100_000}
                  value={caps[field] ?? ''}
                  error={errors[`caps.${field}`]}
                  onChange={(value) => onChange({ ...caps, [field]: value === '' ? null : Number(value) })}
                />
              ))}
            </Group>
            <Switch
              label={t('caps.warm_up')}
              checked={warmUp !== null}
              onChange={(event) =>
                onChange({
                  ...caps,
                  warm_up: event.currentTarget.checked ? { since: new Date().toISOString(), first_day: 20, growth_percent: 30 } : null,
                })
              }
            />
            {warmUp && (
              <Group grow align="flex-start">
                <TextInput
                  type="date"
                  label={t('caps.since')}
                  value={dayOf(warmUp.since)}
                  error={errors['caps.warm_up.since']}
                  onChange={({ currentTarget: { value } }) => {
                    if (value) onChange({ ...caps, warm_up: { ...warmUp, since: new Date(`${value}T00:00`).toISOString() } });
                  }}
                />
                <NumberInput
                  label={t('caps.first_day')}
                  min={1}
                  value={warmUp.first_day}
                  error={errors['caps.warm_up.first_day']}
                  onChange={(value) => onChange({ ...caps, warm_up: { ...warmUp, first_day: Number(value) || 1 } })}
                />
                <NumberInput
                  label={t('caps.growth')}
                  min={1}
                  max={100}
                  suffix=" %"
                  value={warmUp.growth_percent}
                  error={errors['caps.warm_up.growth_percent']}
                  onChange={(value) => onChange({ ...caps, warm_up: { ...warmUp, growth_percent: Number(value) || 1 } })}
                />
              </Group>
            )}
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
