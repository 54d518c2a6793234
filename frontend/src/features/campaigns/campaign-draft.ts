import type { Campaign, CampaignIn, CampaignPatch, CampaignPlanIn, CampaignPreviewIn } from '@/api/types';
import { isInstant, wallTime, zoneHere } from '@/lib/zones';

/** A follow-up as the form holds it. */
export type FollowUpDraft = { template: string | null; hours: number; stopIfReplied: boolean; stopIfPromised: boolean };

/** A campaign as the form holds it. */
export type CampaignDraft = {
  name: string;
  pools: string[];
  template: string | null;
  tags: string[];
  segment: string | null;
  /** Times that nobody has touched are the instants that they were; the others are what the clock of the plan shows. */
  plan: CampaignPlanIn;
  followUps: FollowUpDraft[];
};

/** A form that nobody has filled in. */
export const emptyDraft = (): CampaignDraft => ({
  name: '',
  pools: [],
  template: null,
  tags: [],
  segment: null,
  plan: {
    time_zone: zoneHere(),
    hours: [],
    starts_at: null,
    if_late: 'run',
    ends_at: null,
    weight: 1,
    priority: 0,
    max_error_percent: 33,
  },
  followUps: [],
});

/** What a form shows of a campaign that is there. */
export const draftOf = ({ name, pools, template, audience, plan, follow_ups: followUps }: Campaign): CampaignDraft => ({
  name,
  pools: pools.map(({ id }) => String(id)),
  template: String(template.id),
  tags: audience.tags,
  segment: audience.segment_id ? String(audience.segment_id) : null,
  plan,
  followUps: followUps.map((step) => ({
    template: String(step.template_id),
    hours: step.after_minutes / 60,
    stopIfReplied: step.stop_if_replied,
    stopIfPromised: step.stop_if_promised,
  })),
});

/** Whether it would begin by itself, at a time that is still to come. */
export function beginsLater({ plan: { starts_at: at, time_zone: zone } }: CampaignDraft, now: Date): boolean {
  if (!at) return false;
  return isInstant(at) ? new Date(at) > now : at > wallTime(now, zone);
}

export const audienceOf = ({ tags, segment }: CampaignDraft) => ({ tags, segment_id: segment ? Number(segment) : null });

/** The follow-ups as the server takes them. */
const stepsOf = (followUps: FollowUpDraft[]) =>
  followUps.map(({ template, hours, stopIfReplied, stopIfPromised }) => ({
    template_id: Number(template),
    after_minutes: Math.round(hours * 60),
    stop_if_replied: stopIfReplied,
    stop_if_promised: stopIfPromised,
  }));

/** What can change of a campaign that has begun. */
export const begunPatch = (draft: CampaignDraft): CampaignPatch => ({
  name: draft.name.trim(),
  pool_ids: draft.pools.map(Number),
  plan: draft.plan,
});

/** All of a campaign, as the server takes it. */
export const whole = (draft: CampaignDraft): Omit<CampaignIn, 'start'> => ({
  name: draft.name.trim(),
  pool_ids: draft.pools.map(Number),
  template_id: Number(draft.template),
  audience: audienceOf(draft),
  plan: draft.plan,
  follow_ups: stepsOf(draft.followUps),
});

/** What a preview needs; follow-ups that are not written yet are left out. None without a template. */
export function previewOf(draft: CampaignDraft): CampaignPreviewIn | null {
  const { template, plan, followUps } = draft;
  if (!template) return null;
  const written = followUps.filter((step) => step.template !== null);
  return { template_id: Number(template), audience: audienceOf(draft), plan, follow_ups: stepsOf(written) };
}

/** The server's field errors (by path, see `fieldErrors`) at the fields of the form; those of the plan keep their paths. */
export function draftErrors(errors: Record<string, string>): Record<string, string | undefined> {
  const pools = Object.entries(errors).find(([path]) => path === 'pool_ids' || path.startsWith('pool_ids.'))?.[1];
  return { ...errors, pools, template: errors.template_id, tags: errors['audience.tags'], segment: errors['audience.segment_id'] };
}
