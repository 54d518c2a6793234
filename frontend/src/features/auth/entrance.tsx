import { Box, Button, Group, List, Menu, Text, Title } from '@mantine/core';
import { IconAdjustments } from '@tabler/icons-react';
import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Brand } from '@/components/brand';
import { PreferenceItems } from '@/components/preferences';

/** The two-sided page of those who are not in yet. */
export function Entrance({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation('auth');
  const { t: common } = useTranslation();
  useEffect(() => {
    document.title = `${title} · WhatsMassive`;
  }, [title]);
  return (
    <div className="wm-entrance">
      <aside className="wm-entrance-side">
        <Brand size={38} />
        <Box visibleFrom="sm">
          <Title order={2} fz={{ base: 28, lg: 42 }} lh={1.1} maw={520} c="white">
            {t('promise')}
          </Title>
          <List mt="lg" spacing="xs" c="#b9d9cf" maw={460}>
            <List.Item>{t('point.numbers')}</List.Item>
            <List.Item>{t('point.once')}</List.Item>
            <List.Item>{t('point.live')}</List.Item>
          </List>
        </Box>
        <Text size="sm" c="#8fbfb0" visibleFrom="sm">
          {t('terms')}
        </Text>
      </aside>
      <main className="wm-entrance-form">
        <Box w="100%" maw={420}>
          <Group justify="flex-end" mb="lg">
            <Menu position="bottom-end" shadow="md" width={220}>
              <Menu.Target>
                <Button variant="subtle" color="gray" size="xs" leftSection={<IconAdjustments size={16} />}>
                  {common('preferences.language')} · {common('preferences.scheme')}
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <PreferenceItems />
              </Menu.Dropdown>
            </Menu>
          </Group>
          <Title order={1} fz={32} mb="md">
            {title}
          </Title>
          {children}
        </Box>
      </main>
    </div>
  );
}
