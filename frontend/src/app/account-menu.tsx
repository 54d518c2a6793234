import { Avatar, Box, Group, Menu, Text, UnstyledButton } from '@mantine/core';
import { IconLogout, IconSelector } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { Me } from '@/api/types';
import { showError } from '@/lib/feedback';
import { PreferenceItems } from '@/components/preferences';

/** Who is signed in, their preferences, and the way out. */
export function AccountMenu({ me }: { me: Me }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const signOut = useMutation({
    mutationFn: () => unwrap(api.POST('/api/auth/logout')),
    onSuccess: async () => {
      queries.clear();
      queries.setQueryData(keys.me, null);
      await navigate({ to: '/sign-in', search: {} });
    },
    onError: showError,
  });
  return (
    <Menu position="top-start" width={230} shadow="lg">
      <Menu.Target>
        <UnstyledButton p={8} style={{ borderRadius: 10 }} aria-label={t('account.menu')}>
          <Group gap={10} wrap="nowrap">
            <Avatar radius="xl" size={34} color="ember" variant="filled" name={me.name} />
            <Box style={{ flex: 1, minWidth: 0 }}>
              <Text size="sm" fw={600} truncate c="var(--wm-nav-text)">
                {me.name}
              </Text>
              <Text size="xs" c="var(--wm-nav-dim)">
                {t(`role.${me.role}`)}
              </Text>
            </Box>
            <IconSelector size={16} aria-hidden />
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <PreferenceItems />
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => signOut.mutate()}>
          {t('account.sign_out')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
