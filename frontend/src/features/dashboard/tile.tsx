import { Card, Group, Text, ThemeIcon } from '@mantine/core';
import type { IconSend } from '@tabler/icons-react';

type Props = { label: string; value: string; hint?: string; icon: typeof IconSend; color?: string };

/** One number that matters. */
export function Tile({ label, value, hint, icon: Icon, color = 'pine' }: Props) {
  return (
    <Card padding="md">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Text size="sm" c="dimmed" fw={550}>
          {label}
        </Text>
        <ThemeIcon variant="light" color={color} size={32} radius="md">
          <Icon size={18} stroke={1.7} aria-hidden />
        </ThemeIcon>
      </Group>
      <Text fz={30} fw={700} lh={1.1} ff="heading">
        {value}
      </Text>
      <Text size="xs" c="dimmed" mt={4}>
        {hint}
      </Text>
    </Card>
  );
}
