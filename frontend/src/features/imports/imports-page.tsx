import { IconHistory, IconTableImport } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { LinkButton, TextLink } from '@/components/link-button';
import { LoadMore } from '@/components/load-more';
import { PageHeader } from '@/components/page-header';
import { EmptyState, ErrorState, LoadingRows } from '@/components/states';
import { ImportTable } from './import-table';
import { ProfilesCard } from './profiles-card';
import { importListQuery } from './queries';

/** Every import: who, when, and what came of it. */
export function ImportsPage() {
  const { t } = useTranslation('imports');
  const list = useInfiniteQuery(importListQuery);
  const imports = list.data?.pages.flatMap((page) => page.items);
  const none = imports?.length === 0;
  const add = (
    <LinkButton to="/debtors/import" leftSection={<IconTableImport size={18} />}>
      {t('list.add')}
    </LinkButton>
  );
  return (
    <>
      <PageHeader
        above={
          <TextLink to="/debtors" size="sm">
            ← {t('debtors')}
          </TextLink>
        }
        title={t('list.title')}
        lead={t('list.lead')}
        actions={imports && !none && add}
      />
      {list.isPending && <LoadingRows />}
      {list.isError && !imports && <ErrorState error={list.error} retry={() => void list.refetch()} />}
      {none && <EmptyState icon={IconHistory} title={t('list.empty_title')} text={t('list.empty_text')} action={add} />}
      {imports && !none && <ImportTable imports={imports} />}
      <LoadMore query={list} />
      {imports && !none && <ProfilesCard />}
    </>
  );
}
