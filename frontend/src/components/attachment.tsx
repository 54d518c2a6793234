/* eslint jsx-a11y/media-has-caption: off -- what people send over WhatsApp comes without captions */
import { Anchor, Group, Image, Text } from '@mantine/core';
import { IconFile } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Media } from '@/api/types';
import { formatSize } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';

/**
 * A file as a message carries it: pictures and films are shown, sounds can be played, documents are there to be saved. `label` says more
 * of it than its name does, to those who do not see it.
 */
export function Attachment({ media, label }: { media: Media; label?: string }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const source = `/api/media/${media.id}`;
  const name = media.file_name || t(`media.${media.kind}`);
  switch (media.kind) {
    case 'image':
      return <Image src={source} alt={label ?? name} radius="sm" mah={220} fit="contain" />;
    case 'video':
      return (
        <video
          src={source}
          controls
          preload="metadata"
          aria-label={label ?? name}
          style={{ maxWidth: '100%', maxHeight: 220, borderRadius: 6 }}
        />
      );
    case 'audio':
      return <audio src={source} controls preload="metadata" aria-label={label ?? name} style={{ maxWidth: '100%' }} />;
    case 'document':
      return (
        <Group gap={6} wrap="nowrap">
          <IconFile size={22} aria-hidden />
          <Anchor href={source} download={media.file_name} aria-label={label} size="sm" style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Anchor>
          <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
            {formatSize(media.size, language)}
          </Text>
        </Group>
      );
  }
}
