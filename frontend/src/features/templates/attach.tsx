import { Alert, Button, FileButton, Group, Stack, Text } from '@mantine/core';
import { IconPaperclip, IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import type { Media } from '@/api/types';
import { Attachment } from '@/components/attachment';
import { describeError } from '@/lib/feedback';

/** What WhatsApp takes; the server looks at the content. */
const ACCEPT = 'image/jpeg,image/png,video/mp4,audio/*,.pdf,.doc,.docx,.xls,.xlsx,.ppt,.pptx';

type Props = { media: Media | null; onChange: (media: Media | null) => void };

/** The file that goes with a template: chosen, shown, taken away. */
export function Attach({ media, onChange }: Props) {
  const { t } = useTranslation('templates');
  const upload = useMutation({
    mutationFn: (file: File) => {
      const form = new FormData();
      form.append('file', file);
      return unwrap(api.POST('/api/media', { body: form as never, bodySerializer: () => form }));
    },
    onSuccess: onChange,
  });
  return (
    <Stack gap="xs" role="group" aria-label={t('file.title')}>
      <Text size="sm" fw={500}>
        {t('file.title')}
      </Text>
      {media && <Attachment media={media} />}
      <Group gap="xs">
        <FileButton accept={ACCEPT} onChange={(file) => file && upload.mutate(file)}>
          {(props) => (
            <Button {...props} size="xs" variant="default" leftSection={<IconPaperclip size={16} />} loading={upload.isPending}>
              {media ? t('file.replace') : t('file.add')}
            </Button>
          )}
        </FileButton>
        {media && (
          <Button size="xs" variant="subtle" color="red" leftSection={<IconTrash size={16} />} onClick={() => onChange(null)}>
            {t('file.remove')}
          </Button>
        )}
      </Group>
      {upload.isError && (
        <Alert color="red" role="alert" title={describeError(upload.error).title}>
          {describeError(upload.error).detail}
        </Alert>
      )}
      <Text size="xs" c="dimmed">
        {media?.kind === 'audio' ? t('file.no_text') : t('file.hint')}
      </Text>
    </Stack>
  );
}
