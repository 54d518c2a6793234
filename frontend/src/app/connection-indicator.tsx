import { Box, Group, Text, Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Whether what the page shows is live. */
export function ConnectionIndicator({ connected }: { connected: boolean }) {
  const { t } = useTranslation();
  const name = connected ? 'live' : 'lost';
  return (
    <Tooltip label={t(`connection.${name}_hint`)} multiline maw={240}>
      <Group gap={9} px={12} py={4} role="status" data-testid="connection" data-connected={connected} w="fit-content">
        <Box
          className={connected ? undefined : 'wm-breathe'}
          style={{ width: 9, height: 9, borderRadius: 9, background: connected ? '#5fe0b4' : '#f7a964' }}
        />
        <Text size="sm" c={connected ? 'var(--wm-nav-dim)' : '#fbc799'}>
          {t(`connection.${name}`)}
        </Text>
      </Group>
    </Tooltip>
  );
}
