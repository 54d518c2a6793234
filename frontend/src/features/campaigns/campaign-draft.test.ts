import { describe, expect, it } from 'vitest';
import type { Campaign } from '@/api/types';
import { begunPatch, draftErrors, draftOf, emptyDraft, whole } from './campaign-draft';

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

  it('shows each error of the server at its field', () => {
    const errors = draftErrors({ 'pool_ids.1': 'Twice', template_id: 'Unknown', 'plan.weight': 'Too large' });
    expect(errors).toMatchObject({ pools: 'Twice', template: 'Unknown', 'plan.weight': 'Too large' });
  });
});
