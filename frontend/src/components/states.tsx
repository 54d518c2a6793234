import { Alert, Button, Card, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconAlertTriangle, IconLock, IconRefresh } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ComponentType, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import { describeError } from '@/lib/feedback';

type Icon = ComponentType<{ size?: number | string; stroke?: number | string }>;
type EmptyProps = { icon: Icon; title: string; text: string; action?: ReactNode; color?: string };

/** Nothing here yet, and the next step. */
export function EmptyState({ icon: Icon, title, text, action, color = 'pine' }: EmptyProps) {
  return (
    <Card py={48} style={{ borderStyle: 'dashed' }}>
      <Stack align="center" gap="sm" ta="center">
        <ThemeIcon size={56} radius="xl" variant="light" color={color}>
          <Icon size={28} stroke={1.6} />
        </ThemeIcon>
        <Title order={2} fz="lg">
          {title}
        </Title>
        <Text c="dimmed" maw={440}>
          {text}
        </Text>
        {action}
      </Stack>
    </Card>
  );
}

export function ForbiddenState() {
  const { t } = useTranslation();
  return <EmptyState icon={IconLock} title={t('forbidden.title')} text={t('forbidden.text')} color="gray" />;
}

export function ErrorState({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation();
  if (error instanceof ApiError && error.status === 403) return <ForbiddenState />;
  const { title, detail } = describeError(error);
  return (
    <Alert color="red" radius="lg" icon={<IconAlertTriangle />} title={title}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{detail}</Text>
        <Button size="xs" color="red" variant="light" leftSection={<IconRefresh size={16} />} onClick={retry}>
          {t('action.retry')}
        </Button>
      </Stack>
    </Alert>
  );
}

/** Placeholders in the place of rows or cards. */
export function LoadingRows({ rows = 5, height = 52 }: { rows?: number; height?: number }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" role="status" aria-label={t('loading')}>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={height} radius="md" />
      ))}
    </Stack>
  );
}

type LoadedProps<T> = { query: UseQueryResult<T>; loading?: ReactNode; children: (data: T) => ReactNode };

/** A query's data, or its loading, error or forbidden state. Data once shown stays while it is fetched again. */
export function Loaded<T>({ query, loading, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  return loading ?? <LoadingRows />;
}
