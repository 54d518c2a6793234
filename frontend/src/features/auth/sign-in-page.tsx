import { Alert, Button, Code, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconSparkles } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { infoQuery } from '@/api/queries';
import { describeError } from '@/lib/feedback';
import { Entrance } from './entrance';
import { useEntered } from './use-entered';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  const { t } = useTranslation('auth');
  const { next } = route.useSearch();
  const { data: info } = useQuery(infoQuery);
  const entered = useEntered(next);
  const form = useForm({ initialValues: { username: '', password: '' } });
  const signIn = useMutation({
    mutationFn: (body: typeof form.values) => unwrap(api.POST('/api/auth/login', { body })),
    onSuccess: entered,
  });
  const demo = info?.demo;

  return (
    <Entrance title={t('sign_in.title')}>
      {demo && (
        <Alert color="ember" icon={<IconSparkles />} title={t('demo.title')} mb="lg">
          <Text size="sm">{t('demo.text')}</Text>
          <Group gap="xs" my="xs">
            <Code>{demo.username}</Code>
            <Code>{demo.password}</Code>
          </Group>
          <Button size="xs" color="ember" onClick={() => form.setValues({ username: demo.username, password: demo.password })}>
            {t('demo.fill')}
          </Button>
        </Alert>
      )}
      <form onSubmit={form.onSubmit((values) => signIn.mutate(values))}>
        <Stack>
          {signIn.isError && (
            <Alert color="red" role="alert" title={describeError(signIn.error).title}>
              {describeError(signIn.error).detail}
            </Alert>
          )}
          <TextInput label={t('username')} autoComplete="username" required autoFocus size="md" {...form.getInputProps('username')} />
          <PasswordInput label={t('password')} autoComplete="current-password" required size="md" {...form.getInputProps('password')} />
          <Button type="submit" size="md" loading={signIn.isPending}>
            {t('sign_in.submit')}
          </Button>
        </Stack>
      </form>
    </Entrance>
  );
}
