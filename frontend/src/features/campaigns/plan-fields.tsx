import { Accordion, ActionIcon, Button, Checkbox, Group, NumberInput, Paper, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { CampaignPlan, Template } from '@/api/types';
import { errorsUnder } from '@/api/problem';
import { HoursFields } from '@/components/hours-fields';

/** A follow-up as the form holds it. */
export type FollowUpDraft = { template: string | null; hours: number; stopIfReplied: boolean; stopIfPromised: boolean };

type Props = {
  plan: CampaignPlan;
  onPlan: (plan: CampaignPlan) => void;
  followUps: FollowUpDraft[];
  onFollowUps: (followUps: FollowUpDraft[]) => void;
  templates: Template[];
  errors: Record<string, string>;
};

export const zoneHere = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

export const emptyPlan = (): CampaignPlan => ({
  time_zone: zoneHere(),
  hours: [],
  starts_at: null,
  if_late: 'run',
  ends_at: null,
  weight: 1,
  priority: 0,
  max_error_percent: 33,
});

/** An instant as a `datetime-local` field has it, on the reader's clock. */
function local(instant: string | null): string {
  if (!instant) return '';
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const instant = (text: string) => (text ? new Date(text).toISOString() : null);

/** When a campaign sends, what follows, and how it shares its numbers; folded away, since most need none of it. */
export function PlanFields({ plan, onPlan, followUps, onFollowUps, templates, errors }: Props) {
  const { t } = useTranslation('campaigns');
  const set = (part: Partial<CampaignPlan>) => onPlan({ ...plan, ...part });
  return (
    <Accordion variant="separated" multiple>
      <Accordion.Item value="when">
        <Accordion.Control>{t('plan.when')}</Accordion.Control>
        <Accordion.Panel>
          <Stack>
            <Group grow align="flex-start">
              <TextInput
                type="datetime-local"
                label={t('plan.starts')}
                description={t('plan.starts_hint')}
                value={local(plan.starts_at)}
                error={errors['plan.starts_at']}
                onChange={(event) => set({ starts_at: instant(event.currentTarget.value) })}
              />
              <TextInput
                type="datetime-local"
                label={t('plan.ends')}
                description={t('plan.ends_hint')}
                value={local(plan.ends_at)}
                error={errors['plan.ends_at']}
                onChange={(event) => set({ ends_at: instant(event.currentTarget.value) })}
              />
            </Group>
            {plan.starts_at && (
              <Select
                label={t('plan.if_late')}
                allowDeselect={false}
                data={(['run', 'report'] as const).map((value) => ({ value, label: t(`plan.late_${value}`) }))}
                value={plan.if_late}
                onChange={(value) => value && set({ if_late: value })}
              />
            )}
            <HoursFields
              label={t('plan.hours')}
              hint={t('plan.hours_hint', { zone: plan.time_zone })}
              hours={plan.hours}
              errors={errorsUnder('plan.hours', errors)}
              onChange={(hours) => set({ hours })}
            />
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
      <Accordion.Item value="follow-ups">
        <Accordion.Control>{t('plan.follow_ups', { count: followUps.length })}</Accordion.Control>
        <Accordion.Panel>
          <FollowUps {...{ followUps, onFollowUps, templates, errors }} />
        </Accordion.Panel>
      </Accordion.Item>
      <Accordion.Item value="limits">
        <Accordion.Control>{t('plan.limits')}</Accordion.Control>
        <Accordion.Panel>
          <Group grow align="flex-start">
            <NumberInput
              label={t('plan.priority')}
              description={t('plan.priority_hint')}
              min={0}
              max={9}
              value={plan.priority}
              error={errors['plan.priority']}
              onChange={(value) => set({ priority: Number(value) || 0 })}
            />
            <NumberInput
              label={t('plan.weight')}
              description={t('plan.weight_hint')}
              min={1}
              max={100}
              value={plan.weight}
              error={errors['plan.weight']}
              onChange={(value) => set({ weight: Number(value) || 1 })}
            />
            <NumberInput
              label={t('plan.errors')}
              description={t('plan.errors_hint')}
              min={1}
              max={100}
              suffix=" %"
              value={plan.max_error_percent ?? ''}
              error={errors['plan.max_error_percent']}
              onChange={(value) => set({ max_error_percent: value === '' ? null : Number(value) })}
            />
          </Group>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

function FollowUps({ followUps, onFollowUps, templates, errors }: Pick<Props, 'followUps' | 'onFollowUps' | 'templates' | 'errors'>) {
  const { t } = useTranslation('campaigns');
  const change = (index: number, part: Partial<FollowUpDraft>) =>
    onFollowUps(followUps.map((row, at) => (at === index ? { ...row, ...part } : row)));
  return (
    <Stack gap="sm">
      <Text size="xs" c="dimmed">
        {t('plan.follow_ups_hint')}
      </Text>
      {followUps.map((row, index) => (
        <Paper key={index} withBorder p="sm" radius="md">
          <Group align="flex-start" wrap="nowrap" mb="xs">
            <Select
              style={{ flex: 1 }}
              label={t('plan.follow_up_template', { number: index + 2 })}
              data={templates.map(({ id, name }) => ({ value: String(id), label: name }))}
              value={row.template}
              error={errors[`follow_ups.${index}.template_id`]}
              onChange={(template) => change(index, { template })}
            />
            <NumberInput
              w={130}
              label={t('plan.after_hours')}
              min={0.1}
              max={8760}
              decimalScale={1}
              suffix=" h"
              value={row.hours}
              error={errors[`follow_ups.${index}.after_minutes`]}
              onChange={(value) => change(index, { hours: Number(value) || 1 })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              mt={28}
              aria-label={t('plan.remove_follow_up')}
              onClick={() => onFollowUps(followUps.filter((_, at) => at !== index))}
            >
              <IconTrash size={17} />
            </ActionIcon>
          </Group>
          <Checkbox
            size="sm"
            label={t('plan.stop_if_replied')}
            checked={row.stopIfReplied}
            onChange={(event) => change(index, { stopIfReplied: event.currentTarget.checked })}
          />
          <Checkbox
            size="sm"
            mt="xs"
            label={t('plan.stop_if_promised')}
            description={t('plan.stop_if_promised_hint')}
            checked={row.stopIfPromised}
            onChange={(event) => change(index, { stopIfPromised: event.currentTarget.checked })}
          />
        </Paper>
      ))}
      {followUps.length < 10 && (
        <Button
          variant="subtle"
          size="xs"
          leftSection={<IconPlus size={15} />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => onFollowUps([...followUps, { template: null, hours: 48, stopIfReplied: true, stopIfPromised: true }])}
        >
          {t('plan.add_follow_up')}
        </Button>
      )}
    </Stack>
  );
}
