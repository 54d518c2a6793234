import { Box, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** A message as the debtor's phone shows it: `*bold*`, `_italic_` and `~struck~` included. */
export function MessageBubble({ text, footer }: { text: string; footer?: ReactNode }) {
  return (
    <Box p="md" style={{ borderRadius: 14, background: 'light-dark(#e7ded3, #0b1512)' }}>
      <Box
        p="sm"
        ml="auto"
        maw={420}
        style={{ borderRadius: '12px 12px 3px 12px', background: 'light-dark(#d9fdd3, #0d4a3d)', boxShadow: '0 1px 1px rgb(0 0 0 / 14%)' }}
      >
        <Text size="sm" c="light-dark(#111b21, #e9edef)" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {formatted(text)}
        </Text>
        {footer}
      </Box>
    </Box>
  );
}

const marks = { '*': 'strong', _: 'em', '~': 's' } as const;

/** WhatsApp's own marks as elements. */
function formatted(text: string): ReactNode[] {
  return text.split(/(\*[^*\n]+\*|_[^_\n]+_|~[^~\n]+~)/g).map((part, index) => {
    const Tag = marks[part[0] as keyof typeof marks];
    return Tag && part.length > 2 && part.endsWith(part[0] ?? '') ? <Tag key={index}>{part.slice(1, -1)}</Tag> : part;
  });
}
