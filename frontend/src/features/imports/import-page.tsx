import { Alert } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/problem';
import { keys } from '@/api/queries';
import type { Import } from '@/api/types';
import { LinkButton, TextLink } from '@/components/link-button';
import { PageHeader } from '@/components/page-header';
import { Loaded } from '@/components/states';
import { describeError } from '@/lib/feedback';
import { formatInstant, formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { CommitProgress } from './commit-progress';
import { ImportStatusBadge } from './import-status';
import type { CommitPlan } from './mapping';
import { MappingStep } from './mapping-step';
import { importQuery } from './queries';
import { Report } from './report';
import { SheetSelect } from './sheet-select';
import { Steps } from './steps';
import { UndoButton } from './undo-button';

const route = getRouteApi('/shell/debtors/imports/$id');

/** One import, wherever it is in its life: waiting to be confirmed, being stored, or told of. */
export function ImportPage() {
  const { id } = route.useParams();
  return <Loaded query={useQuery(importQuery(id))}>{(found) => <ImportView key={id} found={found} />}</Loaded>;
}

const waiting: Import['status'][] = ['previewed', 'cancelled', 'interrupted'];
const noted: Import['status'][] = ['cancelled', 'interrupted', 'failed', 'undone'];

function ImportView({ found }: { found: Import }) {
  const { t } = useTranslation('imports');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { id, status } = found;
  const keep = (changed: Import) => queries.setQueryData(importQuery(id).queryKey, changed);
  const choose = useMutation({
    mutationFn: (sheet: string) => unwrap(api.PUT('/api/debtors/imports/{id}/sheet', { params: { path: { id } }, body: { sheet } })),
    onSuccess: keep,
  });
  const commit = useMutation({
    mutationFn: (body: CommitPlan) => unwrap(api.POST('/api/debtors/imports/{id}/commit', { params: { path: { id } }, body })),
    onSuccess: (stored) => {
      keep(stored);
      const changed = [keys.importList, keys.debtors, keys.tags, keys.variables, keys.dashboard];
      return Promise.all(changed.map((queryKey) => queries.invalidateQueries({ queryKey })));
    },
    onError: () => queries.invalidateQueries({ queryKey: keys.import(id) }),
  });
  const stored = status === 'committed' || status === 'undone';
  // What a person has chosen stays while it is stored: they may have to confirm it again.
  const mapped = waiting.includes(status) || (commit.isPending && !stored);
  // Who cancels it has read the note already.
  const cancelled = commit.error instanceof ApiError && commit.error.slug === 'import_cancelled';
  const problem = choose.error ?? (cancelled ? null : commit.error);
  return (
    <>
      <ImportHead found={found} />
      {(!stored || commit.data) && <Steps active={stored ? 2 : 1} />}
      {problem && (
        <Alert color="red" mb="lg" role="alert" title={describeError(problem).title}>
          {describeError(problem).detail}
        </Alert>
      )}
      {noted.includes(status) && !commit.isPending && (
        <Alert color="yellow" mb="lg" role="status">
          {t(`note.${status}`)}
        </Alert>
      )}
      {mapped && (
        <>
          <SheetSelect preview={found} busy={choose.isPending || commit.isPending} onChoose={(sheet) => choose.mutate(sheet)} />
          <MappingStep
            key={found.sheet ?? ''}
            preview={found}
            committing={commit.isPending}
            onBack={() => void navigate({ to: '/debtors/import' })}
            onCommit={commit.mutate}
          />
        </>
      )}
      {!mapped && status === 'committing' && <CommitProgress id={id} total={found.rows} />}
      {stored && (
        <Report done={found}>
          <LinkButton to="/debtors/import" variant="default">
            {t('again')}
          </LinkButton>
          {status === 'committed' && (
            <>
              <UndoButton done={found} onUndone={keep} />
              <LinkButton to="/debtors" search={{ import_id: id }}>
                {t('see_debtors')}
              </LinkButton>
            </>
          )}
        </Report>
      )}
    </>
  );
}

/** Which file, how long, whose, and when. */
function ImportHead({ found }: { found: Import }) {
  const { t } = useTranslation('imports');
  const language = useLanguage();
  const rows = t('rows', { count: found.rows, rows: formatNumber(found.rows, language) });
  return (
    <PageHeader
      above={
        <TextLink to="/debtors/imports" size="sm">
          ← {t('list.title')}
        </TextLink>
      }
      title={found.file_name}
      lead={`${rows} · ${found.created_by.name} · ${formatInstant(found.created_at, language)}`}
      actions={<ImportStatusBadge status={found.status} />}
    />
  );
}
