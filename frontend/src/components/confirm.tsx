import { Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import i18n from 'i18next';

type Question = { title: string; text: string; confirm: string; danger?: boolean; onConfirm: () => void };

/** Asks before something that cannot be taken back. */
export function askFirst({ title, text, confirm, danger = true, onConfirm }: Question): void {
  modals.openConfirmModal({
    title: <Text fw={650}>{title}</Text>,
    children: <Text size="sm">{text}</Text>,
    labels: { confirm, cancel: i18n.t('common:action.back') },
    confirmProps: { color: danger ? 'red' : 'pine' },
    onConfirm,
  });
}
