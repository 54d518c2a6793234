import type { CampaignStatus, DebtorStatus, MessageState } from '@/api/types';

/** The values of the generated unions, for filters and selects; a missing or wrong one does not compile. */
export const debtorStatuses = [
  'active',
  'opted_out',
  'disputed',
  'attorney_represented',
  'cease_and_desist',
  'deceased',
  'paid',
  'wrong_number',
] as const satisfies readonly DebtorStatus[];

export const campaignStatuses = [
  'draft',
  'scheduled',
  'running',
  'paused',
  'finished',
  'cancelled',
] as const satisfies readonly CampaignStatus[];

export const messageStates = [
  'planned',
  'queued',
  'sending',
  'sent',
  'delivered',
  'read',
  'failed',
  'suppressed',
  'uncertain',
  'cancelled',
] as const satisfies readonly MessageState[];
