import { Box, Group, Image, Loader, Modal, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconFileOff } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { InboundFile, Media } from '@/api/types';
import { Attachment } from '@/components/attachment';
import { formatInstant } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';

type Props = { file: InboundFile; from: string; at: string };

/** A file that a debtor has sent: shown once it was fetched, and until then, or where it never was, said. */
export function ReceivedFile({ file, from, at }: Props) {
  const { t } = useTranslation('debtors');
  const { t: common } = useTranslation();
  const language = useLanguage();
  const kind = common(`media.${file.kind}`);
  if (file.state === 'waiting') {
    return <Note icon={<Loader size={16} aria-hidden />} text={t('file.waiting', { kind })} />;
  }
  if (!file.media) {
    const state = file.state === 'too_large' ? 'too_large' : 'gone';
    return <Note icon={<IconFileOff size={18} aria-hidden />} text={t(`file.${state}`, { kind })} />;
  }
  const what = { kind, name: from, date: formatInstant(at, language) };
  const label = file.media.file_name ? t('file.named', { ...what, file: file.media.file_name }) : t('file.of', what);
  return (
    <Box maw={360} mt={4}>
      {file.media.kind === 'image' ? <Picture media={file.media} label={label} /> : <Attachment media={file.media} label={label} />}
    </Box>
  );
}

function Note({ icon, text }: { icon: ReactNode; text: string }) {
  return (
    <Group gap={6} wrap="nowrap" mt={4} c="dimmed">
      {icon}
      <Text size="sm">{text}</Text>
    </Group>
  );
}

/** A picture, small until it is opened. One that no browser can show is there to be saved. */
function Picture({ media, label }: { media: Media; label: string }) {
  const { t } = useTranslation('debtors');
  const [opened, { open, close }] = useDisclosure(false);
  const [fails, setFails] = useState(false);
  const source = `/api/media/${media.id}`;
  if (fails) return <Attachment media={{ ...media, kind: 'document' }} label={label} />;
  return (
    <>
      <UnstyledButton onClick={open} aria-label={t('file.open', { label })} style={{ borderRadius: 6, cursor: 'zoom-in' }}>
        <Image
          src={source}
          alt={label}
          loading="lazy"
          radius="sm"
          w="auto"
          maw="100%"
          mah={160}
          fit="contain"
          onError={() => setFails(true)}
        />
      </UnstyledButton>
      <Modal opened={opened} onClose={close} size="auto" centered title={label}>
        <Image src={source} alt={label} mah="75vh" maw="85vw" w="auto" fit="contain" />
      </Modal>
    </>
  );
}
