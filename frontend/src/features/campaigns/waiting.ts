import type { Message } from '@/api/types';

/** Whether a message is held back: it has not left, and its time is still to come. */
export function isWaiting({ state, due_at: due }: Pick<Message, 'state' | 'due_at'>, now: Date): boolean {
  return (state === 'queued' || state === 'planned') && new Date(due) > now;
}
