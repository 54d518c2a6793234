import { AppShell, Box, Burger, Group, ScrollArea, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { meQuery } from '@/api/queries';
import { Brand } from '@/components/brand';
import { AccountMenu } from './account-menu';
import { ConnectionIndicator } from './connection-indicator';
import { Nav } from './nav';
import { useLive } from './use-live';

/** The frame of every signed-in page. */
export function Shell() {
  const { t } = useTranslation();
  const [open, { toggle, close }] = useDisclosure();
  const { data: me } = useQuery(meQuery);
  const connected = useLive(Boolean(me));
  const path = useRouterState({ select: (state) => state.location.pathname });
  const navigate = useNavigate();

  useEffect(close, [path, close]);
  useEffect(() => {
    if (me === null) void navigate({ to: '/sign-in', search: {} });
  }, [me, navigate]);

  if (!me) return null;
  return (
    <AppShell
      layout="alt"
      header={{ height: { base: 56, md: 0 } }}
      navbar={{ width: 244, breakpoint: 'md', collapsed: { mobile: !open } }}
      padding={{ base: 'md', md: 'xl' }}
    >
      <a className="wm-skip" href="#main">
        {t('nav.skip')}
      </a>
      <AppShell.Header className="wm-nav" hiddenFrom="md">
        <Group h="100%" px="md" justify="space-between">
          <Brand size={28} />
          <Burger opened={open} onClick={toggle} aria-label={t('nav.open')} color="#d9ebe5" size="sm" />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className="wm-nav" p={12}>
        <Group justify="space-between" px={8} py={12}>
          <Brand size={30} />
          <Burger hiddenFrom="md" opened={open} onClick={toggle} aria-label={t('action.close')} color="#d9ebe5" size="sm" />
        </Group>
        <ScrollArea flex={1} mt="xs" type="never">
          <Nav role={me.role} />
        </ScrollArea>
        <Stack gap="xs" pt="sm">
          <ConnectionIndicator connected={connected} />
          <AccountMenu me={me} />
        </Stack>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} style={{ outline: 'none' }}>
        <Box maw={1320} mx="auto">
          <Outlet />
        </Box>
      </AppShell.Main>
    </AppShell>
  );
}
