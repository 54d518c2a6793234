import { Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import i18n from 'i18next';
import type { ReactNode } from 'react';

type Question = { title: string; text: string; details?: ReactNode; confirm: string; danger?: boolean; onConfirm: () => void };

/** Asks before something that cannot be taken back. */
export function askFirst({ title, text, details, confirm, danger = true, onConfirm }: Question): void {
  modals.openConfirmModal({
    title: <Text fw={650}>{title}</Text>,
    children: (
      <Stack gap="sm">
        <Text size="sm">{text}</Text>
        {details}
      </Stack>
    ),
    labels: { confirm, cancel: i18n.t('common:action.back') },
    confirmProps: { color: danger ? 'red' : 'pine' },
    onConfirm,
  });
}
