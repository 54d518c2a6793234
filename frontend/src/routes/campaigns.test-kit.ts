import type { Campaign, Session } from '@/api/types';

/** The messages of a campaign of four. */
export const counts = {
  planned: 0,
  queued: 2,
  sending: 1,
  sent: 1,
  delivered: 0,
  read: 0,
  failed: 0,
  suppressed: 0,
  uncertain: 0,
  cancelled: 0,
};
export const campaign: Campaign = {
  id: 5,
  name: 'November',
  pools: [{ id: 1, name: 'North' }],
  plan: {
    time_zone: 'America/Bogota',
    hours: [],
    starts_at: null,
    if_late: 'run',
    ends_at: null,
    weight: 1,
    priority: 0,
    max_error_percent: 33,
  },
  follow_ups: [],
  pause_reason: null,
  template: { id: 2, name: 'Reminder' },
  audience: { tags: ['nov'] },
  status: 'running',
  counts: { ...counts, total: 4 },
  created_at: '2026-11-20T10:00:00Z',
  started_at: '2026-11-20T10:00:00Z',
  ended_at: null,
  created_by: { id: 1, name: 'Ana' },
};
/** A number of its pool. */
export const number: Session = {
  id: 1,
  name: 'One',
  channel: 'web',
  phone: '+573001234567',
  status: 'online',
  status_reason: null,
  desired: 'running',
  delay_min_ms: 4000,
  delay_max_ms: 9500,
  caps: { per_minute: null, per_hour: null, per_day: 200, new_chats_per_day: null, warm_up: null },
  sent_today: 180,
  new_chats_today: 3,
  health: { since: null, restarts: 0, last_beat: null, memory_bytes: null, cpu: null, diagnosed: null },
  pools: [{ id: 1, name: 'North' }],
  created_at: campaign.created_at,
  updated_at: campaign.created_at,
};
/** What the page of the campaign asks for. */
export const detail = {
  'GET /api/campaigns/5': () => campaign,
  'GET /api/campaigns/5/messages': () => ({ items: [], next_cursor: null }),
  'GET /api/campaigns/5/sessions': () => ({ items: [] }),
  'GET /api/campaigns/5/waiting': () => ({ items: [] }),
  'GET /api/segments': () => ({ items: [] }),
  'GET /api/sessions': () => ({ items: [] }),
  'GET /api/campaigns/5/forecast': () => ({ per_minute: null, ends_at: null, unsent: 0, unknown: 'too_few', until: null }),
  'GET /api/campaigns/5/timeline': () => ({ span_seconds: 60, spans: [] }),
};
/** What the form of a campaign asks for. */
export const choices = {
  'GET /api/pools': () => ({
    items: [
      {
        id: 1,
        name: 'North',
        strategy: 'competitive',
        turn_size: 1,
        grace_seconds: 60,
        sticky: false,
        members: [{ session_id: 1, name: 'One', status: 'online', phone: null }],
        created_at: campaign.created_at,
        updated_at: campaign.created_at,
      },
    ],
  }),
  'GET /api/templates': () => ({
    items: [{ id: 2, name: 'Reminder', body: 'Hi', variables: [], created_at: campaign.created_at, updated_at: campaign.created_at }],
  }),
  'GET /api/debtors/tags': () => ({ items: [{ tag: 'nov', count: 3 }] }),
  'GET /api/segments': () => ({ items: [{ id: 4, name: 'Overdue', filter: { overdue_from: 30 }, created_at: '', updated_at: '' }] }),
  'POST /api/campaigns/audience': () => ({ count: 3 }),
  'POST /api/templates/preview': () => ({ text: 'Hi', variables: [], missing: [] }),
};
