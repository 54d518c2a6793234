import { Accordion, NumberInput, Select, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CampaignPlanIn, Template } from '@/api/types';
import { errorsUnder } from '@/api/problem';
import { HoursFields } from '@/components/hours-fields';
import { ZoneSelect } from '@/components/zone-select';
import { shownIn, zoneLabel } from '@/lib/zones';
import type { FollowUpDraft } from './campaign-draft';
import { FollowUpFields } from './follow-up-fields';

type Props = {
  plan: CampaignPlanIn;
  onPlan: (plan: CampaignPlanIn) => void;
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

/** The same times and hours on the clock of another zone: what the reader sees stays. */
const inZone = (plan: CampaignPlanIn, zone: string): CampaignPlanIn => ({
  ...plan,
  time_zone: zone,
  starts_at: shownIn(plan.starts_at, plan.time_zone) || null,
  ends_at: shownIn(plan.ends_at, plan.time_zone) || null,
});

/** Fields side by side have their hints below, so that they stand in one line however long those are. */
const hintBelow: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];

/** The parts with something wrong in them, which nobody should have to look for. */
function wrongSections(errors: Record<string, string>): Section[] {
  const limits = ['plan.weight', 'plan.priority', 'plan.max_error_percent'];
  return Object.keys(errors).flatMap((path): Section[] => {
    if (path.startsWith('follow_ups')) return ['follow-ups'];
    if (limits.includes(path)) return ['limits'];
    return path.startsWith('plan.') ? ['when'] : [];
  });
}

/** When a campaign sends, what follows, and how it shares its numbers; folded away, since most need none of it. */
export function PlanFields({ plan, onPlan, followUps, onFollowUps, templates, errors, begun = false, unfolded = [] }: Props) {
  const { t } = useTranslation('campaigns');
  const zone = plan.time_zone;
  const [open, setOpen] = useState<string[]>(unfolded);
  const set = (part: Partial<CampaignPlanIn>) => onPlan({ ...plan, ...part });
  return (
    <Accordion variant="separated" multiple value={[...new Set([...open, ...wrongSections(errors)])]} onChange={setOpen}>
      <Accordion.Item value="when">
        <Accordion.Control>{t('plan.when')}</Accordion.Control>
        <Accordion.Panel>
          <Stack>
            <ZoneSelect
              label={t('plan.zone')}
              zone={zone}
              error={errors['plan.time_zone']}
              onChange={(zone) => onPlan(inZone(plan, zone))}
            />
            <SimpleGrid cols={{ base: 1, xs: 2 }}>
              <TextInput
                type="datetime-local"
                label={t('plan.starts')}
                inputWrapperOrder={hintBelow}
                description={begun ? t('edit.begun') : t('plan.starts_hint')}
                disabled={begun}
                value={shownIn(plan.starts_at, zone)}
                error={errors['plan.starts_at']}
                onChange={(event) => set({ starts_at: event.currentTarget.value || null })}
              />
              <TextInput
                type="datetime-local"
                label={t('plan.ends')}
                inputWrapperOrder={hintBelow}
                description={t('plan.ends_hint')}
                value={shownIn(plan.ends_at, zone)}
                error={errors['plan.ends_at']}
                onChange={(event) => set({ ends_at: event.currentTarget.value || null })}
              />
            </SimpleGrid>
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
              hint={t('plan.hours_hint', { zone: zoneLabel(zone) })}
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
          <SimpleGrid cols={{ base: 1, xs: 3 }}>
            <NumberInput
              label={t('plan.priority')}
              inputWrapperOrder={hintBelow}
              description={t('plan.priority_hint')}
              min={0}
              max={9}
              value={plan.priority}
              error={errors['plan.priority']}
              onChange={(value) => set({ priority: Number(value) || 0 })}
            />
            <NumberInput
              label={t('plan.weight')}
              inputWrapperOrder={hintBelow}
              description={t('plan.weight_hint')}
              min={1}
              max={100}
              value={plan.weight}
              error={errors['plan.weight']}
              onChange={(value) => set({ weight: Number(value) || 1 })}
            />
            <NumberInput
              label={t('plan.errors')}
              inputWrapperOrder={hintBelow}
              description={t('plan.errors_hint')}
              min={1}
              max={100}
              suffix=" %"
              value={plan.max_error_percent ?? ''}
              error={errors['plan.max_error_percent']}
              onChange={(value) => set({ max_error_percent: value === '' ? null : Number(value) })}
            />
          </SimpleGrid>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
