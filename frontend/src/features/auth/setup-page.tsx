import { Alert, Button, Code, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconTerminal2 } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { fieldErrors } from '@/api/problem';
import { describeError } from '@/lib/feedback';
import { Entrance } from './entrance';
import { useEntered } from './use-entered';

/** The server's own minimum, told before it has to refuse. */
const minPassword = 10;

/** The first run: whoever can read the server's log becomes its administrator. */
export function SetupPage() {
  const { t } = useTranslation('auth');
  const entered = useEntered();
  const form = useForm({
    initialValues: { code: '', name: '', username: '', password: '' },
    validate: { password: (value) => (value.length < minPassword ? t('setup.password_short', { count: minPassword }) : null) },
  });
  const setUp = useMutation({
    mutationFn: (body: typeof form.values) => unwrap(api.POST('/api/setup', { body })),
    onSuccess: entered,
    onError: (error) => form.setErrors(fieldErrors(error)),
  });

  return (
    <Entrance title={t('setup.title')}>
      <Alert color="pine" icon={<IconTerminal2 />} title={t('setup.code_where')} mb="lg">
        <Text size="sm">{t('setup.code_help')}</Text>
        <Code block mt="xs">
          {t('setup.code_example')}
        </Code>
      </Alert>
      <form onSubmit={form.onSubmit((values) => setUp.mutate(values))}>
        <Stack>
          {setUp.isError && (
            <Alert color="red" role="alert" title={describeError(setUp.error).title}>
              {describeError(setUp.error).detail}
            </Alert>
          )}
          <TextInput
            label={t('setup.code')}
            required
            autoFocus
            autoComplete="one-time-code"
            ff="monospace"
            {...form.getInputProps('code')}
          />
          <TextInput label={t('setup.name')} required autoComplete="name" {...form.getInputProps('name')} />
          <TextInput label={t('username')} required autoComplete="username" {...form.getInputProps('username')} />
          <PasswordInput
            label={t('password')}
            description={t('setup.password_hint', { count: minPassword })}
            required
            autoComplete="new-password"
            {...form.getInputProps('password')}
          />
          <Button type="submit" size="md" loading={setUp.isPending}>
            {t('setup.submit')}
          </Button>
        </Stack>
      </form>
    </Entrance>
  );
}
