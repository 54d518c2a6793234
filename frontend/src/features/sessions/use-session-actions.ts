import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { Session } from '@/api/types';
import { askFirst } from '@/components/confirm';
import { showError } from '@/lib/feedback';

export type SessionCommand = 'start' | 'stop' | 'restart' | 'logout';

/** Each command to one number. */
export const commandSession: Record<SessionCommand, (id: number) => Promise<Session>> = {
  start: (id) => unwrap(api.POST('/api/sessions/{id}/start', { params: { path: { id } } })),
  stop: (id) => unwrap(api.POST('/api/sessions/{id}/stop', { params: { path: { id } } })),
  restart: (id) => unwrap(api.POST('/api/sessions/{id}/restart', { params: { path: { id } } })),
  logout: (id) => unwrap(api.POST('/api/sessions/{id}/logout', { params: { path: { id } } })),
};

/** What can be done to a number; asks first where it cannot be taken back. */
export function useSessionActions(session: Session) {
  const { t } = useTranslation('sessions');
  const queries = useQueryClient();
  const settled = () => queries.invalidateQueries({ queryKey: keys.sessions });
  const command = useMutation({
    mutationFn: (name: SessionCommand) => commandSession[name](session.id),
    onError: showError,
    onSettled: settled,
  });
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE('/api/sessions/{id}', { params: { path: { id: session.id } } })),
    onError: showError,
    onSettled: settled,
  });
  const name = session.name;
  return {
    pending: command.isPending || remove.isPending,
    start: () => command.mutate('start'),
    stop: () => command.mutate('stop'),
    restart: () => command.mutate('restart'),
    logOut: () =>
      askFirst({
        title: t('log_out.title', { name }),
        text: t('log_out.text'),
        confirm: t('action.log_out'),
        onConfirm: () => command.mutate('logout'),
      }),
    remove: () =>
      askFirst({
        title: t('remove.title', { name }),
        text: t('remove.text'),
        confirm: t('action.remove'),
        onConfirm: () => remove.mutate(),
      }),
  };
}
