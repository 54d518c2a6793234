import { Button, SimpleGrid } from '@mantine/core';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { meQuery, poolsQuery } from '@/api/queries';
import type { Pool } from '@/api/types';
import { PageHeader } from '@/components/page-header';
import { EmptyState, Loaded } from '@/components/states';
import { PoolCard } from './pool-card';
import { PoolForm } from './pool-form';

export function PoolsPage() {
  const { t } = useTranslation('pools');
  const pools = useQuery(poolsQuery);
  const { data: me } = useQuery(meQuery);
  const [form, setForm] = useState<{ pool: Pool | null } | null>(null);
  const mayManage = me?.role !== 'agent';
  const add = mayManage && (
    <Button leftSection={<IconPlus size={18} />} onClick={() => setForm({ pool: null })}>
      {t('add')}
    </Button>
  );
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} actions={pools.data?.length ? add : null} />
      <Loaded query={pools}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={IconUsersGroup} title={t('empty.title')} text={t('empty.text')} action={add} />
          ) : (
            <SimpleGrid cols={{ base: 1, sm: 2, xl: 3 }}>
              {items.map((pool) => (
                <PoolCard key={pool.id} pool={pool} mayManage={mayManage} onEdit={() => setForm({ pool })} />
              ))}
            </SimpleGrid>
          )
        }
      </Loaded>
      {form && <PoolForm pool={form.pool} onClose={() => setForm(null)} />}
    </>
  );
}
