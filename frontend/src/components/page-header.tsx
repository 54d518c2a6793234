import { Box, Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useEffect } from 'react';

type Props = { title: string; lead?: string; actions?: ReactNode; above?: ReactNode };

/** The head of every page: what it is, a sentence on what it is for, and what can be done. */
export function PageHeader({ title, lead, actions, above }: Props) {
  useEffect(() => {
    document.title = `${title} · WhatsMassive`;
  }, [title]);
  return (
    <Group justify="space-between" align="flex-end" mb="lg" gap="md">
      <Box style={{ flex: '1 1 320px', minWidth: 0 }}>
        {above}
        <Title order={1} fz={{ base: 26, sm: 32 }} lh={1.15}>
          {title}
        </Title>
        {lead && (
          <Text c="dimmed" mt={4} maw={680}>
            {lead}
          </Text>
        )}
      </Box>
      {actions && <Group gap="sm">{actions}</Group>}
    </Group>
  );
}
