import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { contactPolicyQuery, meQuery } from '@/api/queries';
import { PageHeader } from '@/components/page-header';
import { ForbiddenState, Loaded } from '@/components/states';
import { PolicyCard } from './policy-card';
import { SuppressionsCard } from './suppressions-card';

/** What holds for everybody. */
export function SettingsPage() {
  const { t } = useTranslation('settings');
  const { data: me } = useQuery(meQuery);
  const policy = useQuery(contactPolicyQuery);
  if (me?.role === 'agent') return <ForbiddenState />;
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      <Stack gap="lg">
        <Loaded query={policy}>{(policy) => <PolicyCard policy={policy} mayChange={me?.role === 'admin'} />}</Loaded>
        <SuppressionsCard />
      </Stack>
    </>
  );
}
