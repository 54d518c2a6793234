import { Card, Group, Progress, SimpleGrid, Text, ThemeIcon, Title } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { LinkProps } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { campaignsInStatusQuery, poolsQuery, sessionsQuery, templatesQuery } from '@/api/queries';
import type { Dashboard } from '@/api/types';
import { LinkButton } from '@/components/link-button';

type Step = { name: string; done: boolean; to: LinkProps['to'] };

/** Leads a newcomer to the first campaign; gone once there is one. */
export function FirstSteps({ dashboard }: { dashboard: Dashboard }) {
  const { t } = useTranslation('dashboard');
  const { data: sessions } = useQuery(sessionsQuery);
  const { data: pools } = useQuery(poolsQuery);
  const { data: templates } = useQuery(templatesQuery);
  const { data: running } = useQuery(campaignsInStatusQuery('running'));
  if (!sessions || !pools || !templates || !running) return null;

  const { campaigns, debtors } = dashboard;
  const steps: Step[] = [
    { name: 'sessions', done: sessions.some((session) => session.phone), to: '/sessions' },
    { name: 'pools', done: pools.some((pool) => pool.members.length > 0), to: '/pools' },
    { name: 'debtors', done: debtors.total > 0, to: '/debtors/import' },
    { name: 'templates', done: templates.length > 0, to: '/templates' },
    { name: 'campaigns', done: campaigns.running + campaigns.paused + campaigns.finished + running.length > 0, to: '/campaigns/new' },
  ];
  const done = steps.filter((step) => step.done).length;
  if (done === steps.length) return null;
  const next = steps.find((step) => !step.done);

  return (
    <Card mb="lg" component="section" aria-label={t('steps.title')}>
      <Group justify="space-between" mb="xs">
        <Title order={2} fz="lg">
          {t('steps.title')}
        </Title>
        <Text size="sm" c="dimmed">
          {t('steps.done', { done, total: steps.length })}
        </Text>
      </Group>
      <Progress value={(done / steps.length) * 100} size={5} mb="md" aria-hidden />
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 5 }} component="ol" m={0} p={0} style={{ listStyle: 'none' }}>
        {steps.map((step, place) => (
          <li key={step.name}>
            <Group gap="sm" wrap="nowrap" align="flex-start" opacity={step.done ? 0.65 : 1}>
              <ThemeIcon size={28} radius="xl" variant={step.done ? 'filled' : 'light'} color={step === next ? 'ember' : 'pine'}>
                {step.done ? <IconCheck size={16} aria-label={t('steps.ready')} /> : place + 1}
              </ThemeIcon>
              <div>
                <Text size="sm" fw={600}>
                  {t(`steps.${step.name}.title`)}
                </Text>
                <Text size="xs" c="dimmed" mb={6}>
                  {t(`steps.${step.name}.text`)}
                </Text>
                {!step.done && (
                  <LinkButton to={step.to} size="compact-sm" variant={step === next ? 'filled' : 'default'}>
                    {t(`steps.${step.name}.go`)}
                  </LinkButton>
                )}
              </div>
            </Group>
          </li>
        ))}
      </SimpleGrid>
    </Card>
  );
}
