import type { MessageCounts, MessageState } from '@/api/types';

/** Colours of the states wherever they are charted, in the order they are stacked. */
export const stateColors: Record<MessageState, string> = {
  read: 'blue.6',
  delivered: 'pine.6',
  sent: 'pine.3',
  sending: 'ember.4',
  queued: 'gray.5',
  planned: 'gray.3',
  uncertain: 'yellow.6',
  suppressed: 'grape.5',
  failed: 'red.6',
  cancelled: 'gray.6',
};

/** States in which a message still waits for its turn or its answer. */
const open: MessageState[] = ['planned', 'queued', 'sending'];

export type Progress = {
  total: number;
  /** Messages that need nothing more. */
  settled: number;
  /** Messages that WhatsApp took: sent, delivered or read. */
  left: number;
  /** `settled` in whole percent of `total`; 100 only when nothing is open. */
  percent: number;
};

/** How far a campaign is. Every settled message counts, so that a campaign with failures still reaches its end. */
export function progressOf(counts: MessageCounts): Progress {
  const waiting = open.reduce((sum, state) => sum + counts[state], 0);
  const settled = counts.total - waiting;
  const exact = counts.total > 0 ? (settled / counts.total) * 100 : 0;
  return {
    total: counts.total,
    settled,
    left: counts.sent + counts.delivered + counts.read,
    percent: waiting > 0 ? Math.min(99, Math.floor(exact)) : Math.round(exact),
  };
}

/** The states that hold messages, with their share of the whole in percent. */
export function sharesOf(counts: MessageCounts): { state: MessageState; count: number; share: number }[] {
  return (Object.keys(stateColors) as MessageState[])
    .map((state) => ({ state, count: counts[state], share: counts.total > 0 ? (counts[state] / counts.total) * 100 : 0 }))
    .filter(({ count }) => count > 0);
}
