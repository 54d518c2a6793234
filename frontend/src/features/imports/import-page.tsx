import { Alert, Stack, Stepper } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys } from '@/api/queries';
import type { Import } from '@/api/types';
import { FileDrop } from '@/components/file-drop';
import { TextLink } from '@/components/link-button';
import { PageHeader } from '@/components/page-header';
import { describeError } from '@/lib/feedback';
import { commitPlan, type ImportSettings, type Mapping } from './mapping';
import { FileLine, MappingStep } from './mapping-step';
import { Report } from './report';
import { SampleLink } from './sample-link';
import { SheetSelect } from './sheet-select';

/** A spreadsheet in three steps: drop it, say what its columns are, see what became of its rows. */
export function ImportPage() {
  const { t } = useTranslation('imports');
  const queries = useQueryClient();
  const [previewed, setPreviewed] = useState<Import | null>(null);
  const upload = useMutation({
    mutationFn: (file: File) => {
      const form = new FormData();
      form.append('file', file);
      return unwrap(api.POST('/api/debtors/imports', { body: form as never, bodySerializer: () => form }));
    },
    onSuccess: setPreviewed,
  });
  const choose = useMutation({
    mutationFn: ({ id, sheet }: { id: number; sheet: string }) =>
      unwrap(api.PUT('/api/debtors/imports/{id}/sheet', { params: { path: { id } }, body: { sheet } })),
    onSuccess: setPreviewed,
  });
  const commit = useMutation({
    mutationFn: ({ of, mapping, settings }: { of: Import; mapping: Mapping; settings: ImportSettings }) =>
      unwrap(
        api.POST('/api/debtors/imports/{id}/commit', { params: { path: { id: of.id } }, body: commitPlan(of.columns, mapping, settings) }),
      ),
    onSuccess: () =>
      Promise.all([keys.debtors, keys.tags, keys.variables, keys.dashboard].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  const again = () => {
    upload.reset();
    choose.reset();
    commit.reset();
    setPreviewed(null);
  };
  const done = commit.data;
  const step = done ? 2 : previewed ? 1 : 0;
  const problem = upload.error ?? choose.error ?? commit.error;

  return (
    <>
      <PageHeader
        above={
          <TextLink to="/debtors" size="sm">
            ← {t('debtors')}
          </TextLink>
        }
        title={t('title')}
        lead={t('lead')}
      />
      <Stepper active={step} size="sm" mb="xl" allowNextStepsSelect={false}>
        <Stepper.Step label={t('step.file')} />
        <Stepper.Step label={t('step.columns')} />
        <Stepper.Step label={t('step.report')} />
      </Stepper>
      {problem && (
        <Alert color="red" mb="lg" role="alert" title={describeError(problem).title}>
          {describeError(problem).detail}
        </Alert>
      )}
      {step === 0 && (
        <Stack>
          <FileDrop
            label={t('drop')}
            hint={t('drop_hint')}
            accept=".xlsx,.xls,.xlsb,.ods,.csv,.tsv,.txt"
            busy={upload.isPending}
            onFile={(file) => upload.mutate(file)}
          />
          <SampleLink />
        </Stack>
      )}
      {previewed && !done && (
        <>
          <FileLine preview={previewed}>
            <SheetSelect
              preview={previewed}
              busy={choose.isPending || commit.isPending}
              onChoose={(sheet) => choose.mutate({ id: previewed.id, sheet })}
            />
          </FileLine>
          <MappingStep
            key={`${previewed.id} ${previewed.sheet ?? ''}`}
            preview={previewed}
            committing={commit.isPending}
            onBack={again}
            onCommit={(mapping, settings) => commit.mutate({ of: previewed, mapping, settings })}
          />
        </>
      )}
      {done && <Report done={done} onAgain={again} />}
    </>
  );
}
