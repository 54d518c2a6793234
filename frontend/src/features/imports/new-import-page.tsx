import { Alert, Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys, meQuery } from '@/api/queries';
import { FileDrop } from '@/components/file-drop';
import { TextLink } from '@/components/link-button';
import { PageHeader } from '@/components/page-header';
import { ForbiddenState } from '@/components/states';
import { describeError } from '@/lib/feedback';
import { importQuery } from './queries';
import { SampleLink } from './sample-link';
import { Steps } from './steps';

/** Where a spreadsheet comes in; what follows is on the page of its import. */
export function NewImportPage() {
  const { t } = useTranslation('imports');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { data: me } = useQuery(meQuery);
  const upload = useMutation({
    mutationFn: (file: File) => {
      const form = new FormData();
      form.append('file', file);
      return unwrap(api.POST('/api/debtors/imports', { body: form as never, bodySerializer: () => form }));
    },
    onSuccess: (previewed) => {
      queries.setQueryData(importQuery(previewed.id).queryKey, previewed);
      void queries.invalidateQueries({ queryKey: keys.importList });
      return navigate({ to: '/debtors/imports/$id', params: { id: previewed.id } });
    },
  });
  if (me?.role === 'agent') return <ForbiddenState />;
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
      <Steps active={0} />
      {upload.error && (
        <Alert color="red" mb="lg" role="alert" title={describeError(upload.error).title}>
          {describeError(upload.error).detail}
        </Alert>
      )}
      <Stack>
        <FileDrop
          label={t('drop')}
          hint={t('drop_hint')}
          accept=".xlsx,.xlsm,.xlsb,.xls,.ods,.csv,.tsv,.txt"
          busy={upload.isPending}
          onFile={(file) => upload.mutate(file)}
        />
        <SampleLink />
      </Stack>
    </>
  );
}
