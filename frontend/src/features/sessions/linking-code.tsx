import { Anchor, Button, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { fieldErrors } from '@/api/problem';
import { showError } from '@/lib/feedback';
import { useNow } from '@/lib/use-now';

type Props = { sessionId: number; onBack: () => void };

/** Links a number with a code that is typed into the phone, for whoever cannot scan. */
export function LinkingCode({ sessionId, onBack }: Props) {
  const { t } = useTranslation('sessions');
  const now = useNow(1000);
  const form = useForm({ initialValues: { phone: '' } });
  const ask = useMutation({
    mutationFn: (phone: string) =>
      unwrap(api.POST('/api/sessions/{id}/linking-code', { params: { path: { id: sessionId } }, body: { phone } })),
    onError: (error) => {
      const wrong = fieldErrors(error);
      if (Object.keys(wrong).length > 0) form.setErrors(wrong);
      else showError(error);
    },
  });
  const shown = ask.data && new Date(ask.data.expires_at).getTime() > now ? ask.data.code : null;
  return (
    <Stack align="center" gap="md">
      {shown ? (
        <>
          <Text fz={32} fw={700} ff="monospace" lts={4} role="status" data-testid="linking-code">
            {shown.slice(0, 4)}-{shown.slice(4)}
          </Text>
          <Text size="sm" c="dimmed" ta="center" maw={280}>
            {t('linking.how')}
          </Text>
        </>
      ) : (
        <form onSubmit={form.onSubmit(({ phone }) => ask.mutate(phone))} style={{ width: '100%' }}>
          <Stack gap="sm">
            <TextInput
              label={t('linking.phone')}
              description={t('linking.phone_hint')}
              type="tel"
              required
              placeholder="+57 300 123 4567"
              {...form.getInputProps('phone')}
            />
            <Button type="submit" variant="light" loading={ask.isPending}>
              {t('linking.ask')}
            </Button>
          </Stack>
        </form>
      )}
      <Anchor component="button" type="button" size="sm" onClick={onBack}>
        {t('linking.back')}
      </Anchor>
    </Stack>
  );
}
