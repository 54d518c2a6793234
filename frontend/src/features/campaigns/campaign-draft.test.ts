import { describe, expect, it } from 'vitest';
import type { Campaign } from '@/api/types';
import { beginsLater, begunPatch, draftErrors, draftOf, emptyDraft, whole } from './campaign-draft';

const { plan } = emptyDraft();
const campaign = {
  name: 'May',
  pools: [{ id: 3, name: 'North' }],
  template: { id: 2, name: 'Reminder' },
  audience: { tags: ['mora'], segment_id: null },
  plan,
  follow_ups: [7, 20, 90, 4320].map((minutes) => ({
    template_id: 2,
    after_minutes: minutes,
    stop_if_replied: true,
    stop_if_promised: false,
  })),
} as unknown as Campaign;

describe('the form of a campaign', () => {
  it('gives back what it was given', () =>
    expect(whole(draftOf(campaign))).toEqual({
      name: 'May',
      pool_ids: [3],
      template_id: 2,
      audience: { tags: ['mora'], segment_id: null },
      plan,
      follow_ups: campaign.follow_ups,
    }));

  it('asks of one that has begun for nothing that is frozen', () =>
    expect(begunPatch(draftOf(campaign))).toEqual({ name: 'May', pool_ids: [3], plan }));

  it('begins later by the clock of its plan, not by that of the reader', () => {
    const noon = new Date('2026-11-20T12:00:00Z');
    const at = (starts_at: string | null, time_zone: string) =>
      beginsLater({ ...emptyDraft(), plan: { ...plan, starts_at, time_zone } }, noon);
    expect(at('2026-11-20T08:00', 'America/Bogota')).toBe(true);
    expect(at('2026-11-20T20:00', 'Asia/Tokyo')).toBe(false);
    expect(at('2026-11-20T12:00:01Z', 'Asia/Tokyo')).toBe(true);
    expect(at(null, 'UTC')).toBe(false);
  });

  it('shows each error of the server at its field', () => {
    const errors = draftErrors({ 'pool_ids.1': 'Twice', template_id: 'Unknown', 'plan.weight': 'Too large' });
    expect(errors).toMatchObject({ pools: 'Twice', template: 'Unknown', 'plan.weight': 'Too large' });
  });
});
