import { Box, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Media } from '@/api/types';
import { Attachment } from './attachment';

/** A message as the debtor's phone shows it: `*bold*`, `_italic_` and `~struck~` included. */
export function MessageBubble({ text, media, footer }: { text: string; media?: Media | null; footer?: ReactNode }) {
  return (
    <Box p="md" style={{ borderRadius: 14, background: 'light-dark(#e7ded3, #0b1512)' }}>
      <Box
        p="sm"
        ml="auto"
        maw={420}
        style={{ borderRadius: '12px 12px 3px 12px', background: 'light-dark(#d9fdd3, #0d4a3d)', boxShadow: '0 1px 1px rgb(0 0 0 / 14%)' }}
      >
        {media && <Attachment media={media} />}
        <Text size="sm" c="light-dark(#111b21, #e9edef)" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {formatted(text)}
        </Text>
        {footer}
      </Box>
    </Box>
  );
}

const marks = { '*': 'strong', _: 'em', '~': 's' } as const;

/** A mark counts at the edge of words only, so that `{{ due_date }}` stays as it is. */
const marked = /(?<![\p{L}\p{N}])(\*[^*\s](?:[^*\n]*[^*\s])?\*|_[^_\s](?:[^_\n]*[^_\s])?_|~[^~\s](?:[^~\n]*[^~\s])?~)(?![\p{L}\p{N}])/gu;

/** WhatsApp's own marks as elements. */
function formatted(text: string): ReactNode[] {
  return text.split(marked).map((part, index) => {
    // `split` puts what matched at the odd places.
    const Tag = index % 2 === 1 ? marks[part[0] as keyof typeof marks] : undefined;
    return Tag ? <Tag key={index}>{part.slice(1, -1)}</Tag> : part;
  });
}
