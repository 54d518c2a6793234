import { Accordion, Group, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CampaignPlan, Template } from '@/api/types';
import { errorsUnder } from '@/api/problem';
import { HoursFields } from '@/components/hours-fields';
import type { FollowUpDraft } from './campaign-draft';
import { FollowUpFields } from './follow-up-fields';

type Props = {
  plan: CampaignPlan;
  onPlan: (plan: CampaignPlan) => void;
  followUps: FollowUpDraft[];
  onFollowUps: (followUps: FollowUpDraft[]) => void;
  templates: Template[];
  errors: Record<string, string>;
  /** Whether the campaign has begun: what its launch has frozen is shown, and cannot change. */
  begun?: boolean;
  /** The parts that are unfolded at first. */
  unfolded?: Section[];
};

type Section = 'when' | 'follow-ups' | 'limits';

/** The parts with something wrong in them, which nobody should have to look for. */
function wrongSections(errors: Record<string, string>): Section[] {
  const limits = ['plan.weight', 'plan.priority', 'plan.max_error_percent'];
  return Object.keys(errors).flatMap((path): Section[] => {
    if (path.startsWith('follow_ups')) return ['follow-ups'];
    if (limits.includes(path)) return ['limits'];
    return path.startsWith('plan.') ? ['when'] : [];
  });
}

/** An instant as a `datetime-local` field has it, on the reader's clock. */
function local(instant: string | null): string {
  if (!instant) return '';
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const instant = (text: string) => (text ? new Date(text).toISOString() : null);

/** When a campaign sends, what follows, and how it shares its numbers; folded away, since most need none of it. */
export function PlanFields({ plan, onPlan, followUps, onFollowUps, templates, errors, begun = false, unfolded = [] }: Props) {
  const { t } = useTranslation('campaigns');
  const [open, setOpen] = useState<string[]>(unfolded);
  const set = (part: Partial<CampaignPlan>) => onPlan({ ...plan, ...part });
  return (
    <Accordion variant="separated" multiple value={[...new Set([...open, ...wrongSections(errors)])]} onChange={setOpen}>
      <Accordion.Item value="when">
        <Accordion.Control>{t('plan.when')}</Accordion.Control>
        <Accordion.Panel>
          <Stack>
            <Group grow align="flex-start">
              <TextInput
                type="datetime-local"
                label={t('plan.starts')}
                description={begun ? t('edit.begun') : t('plan.starts_hint')}
                disabled={begun}
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
            {plan.starts_at && !begun && (
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
          <FollowUpFields {...{ followUps, onFollowUps, templates, errors, begun }} />
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
