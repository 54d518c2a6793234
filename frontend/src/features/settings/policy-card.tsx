import { Alert, Button, Card, Group, NumberInput, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { errorsUnder, fieldErrors } from '@/api/problem';
import { keys } from '@/api/queries';
import type { ContactPolicy } from '@/api/types';
import { HoursFields } from '@/components/hours-fields';
import { showError, showSuccess } from '@/lib/feedback';

/** When and how often debtors may be written to; only an admin can change it. */
export function PolicyCard({ policy, mayChange }: { policy: ContactPolicy; mayChange: boolean }) {
  const { t } = useTranslation('settings');
  const [draft, setDraft] = useState(policy);
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => unwrap(api.PUT('/api/settings/contact-policy', { body: draft })),
    onSuccess: (saved) => {
      queries.setQueryData(keys.contactPolicy, saved);
      showSuccess(t('policy.saved'));
    },
    onError: (error) => {
      if (Object.keys(fieldErrors(error)).length === 0) showError(error);
    },
  });
  const errors = fieldErrors(save.error);
  const set = (part: Partial<ContactPolicy>) => setDraft({ ...draft, ...part });
  const cap = (value: number | string) => (value === '' ? null : Number(value));
  const hours = errorsUnder('hours', errors);
  return (
    <Card component="section" aria-label={t('policy.title')}>
      <Title order={2} fz="lg">
        {t('policy.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t('policy.lead')} {t('policy.legal')}
      </Text>
      {!mayChange && (
        <Alert color="gray" mb="md">
          {t('policy.read_only')}
        </Alert>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack gap="lg">
          <HoursFields
            label={t('policy.hours')}
            hint={t('policy.hours_hint')}
            hours={draft.hours}
            errors={hours}
            disabled={!mayChange}
            onChange={(hours) => set({ hours })}
          />
          <Group align="flex-start">
            <NumberInput
              label={t('policy.gap')}
              description={t('policy.gap_hint')}
              min={0}
              max={43_200}
              disabled={!mayChange}
              value={draft.min_gap_minutes}
              error={errors.min_gap_minutes}
              onChange={(value) => set({ min_gap_minutes: Number(value) || 0 })}
            />
            <NumberInput
              label={t('policy.per_day')}
              description={draft.per_day === null ? t('policy.none') : ' '}
              min={1}
              max={1000}
              disabled={!mayChange}
              value={draft.per_day ?? ''}
              error={errors.per_day}
              onChange={(value) => set({ per_day: cap(value) })}
            />
            <NumberInput
              label={t('policy.per_week')}
              description={draft.per_week === null ? t('policy.none') : ' '}
              min={1}
              max={1000}
              disabled={!mayChange}
              value={draft.per_week ?? ''}
              error={errors.per_week}
              onChange={(value) => set({ per_week: cap(value) })}
            />
          </Group>
          {mayChange && (
            <Group>
              <Button type="submit" loading={save.isPending}>
                {t('policy.save')}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Card>
  );
}
