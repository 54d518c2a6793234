import { Group, Text } from '@mantine/core';

/** The mark and the name. */
export function Brand({ size = 34 }: { size?: number }) {
  return (
    <Group gap={10} wrap="nowrap">
      <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="9" fill="#14796a" />
        <path
          d="M7 10.5 11.4 22 16 12.5 20.6 22 25 10.5"
          fill="none"
          stroke="#fff"
          strokeWidth="3"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
        <circle cx="25" cy="8" r="3.2" fill="#f59b4b" />
      </svg>
      <Text component="span" fw={700} fz={size * 0.58} ff="heading" style={{ letterSpacing: '-0.01em' }} c="inherit">
        WhatsMassive
      </Text>
    </Group>
  );
}
