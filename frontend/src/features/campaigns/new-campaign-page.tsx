import { Alert, Button, Card, Grid, Group, Text, Title } from '@mantine/core';
import { IconRocket } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys, meQuery, poolsQuery, templatesQuery } from '@/api/queries';
import { TextLink } from '@/components/link-button';
import { PageHeader } from '@/components/page-header';
import { ForbiddenState } from '@/components/states';
import { describeError } from '@/lib/feedback';
import { beginsLater, emptyDraft, whole } from './campaign-draft';
import { CampaignFields } from './campaign-fields';
import { Review } from './review';
import { useCampaignForm } from './use-campaign-form';

export function NewCampaignPage() {
  const { data: me } = useQuery(meQuery);
  return me?.role === 'agent' ? <ForbiddenState /> : <NewCampaign />;
}

/** Pool, template and audience on the left; what will happen on the right. */
function NewCampaign() {
  const { t } = useTranslation('campaigns');
  const { data: pools } = useQuery(poolsQuery);
  const { data: templates } = useQuery(templatesQuery);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { form, submit, refuse } = useCampaignForm(emptyDraft());
  const { values } = form;
  const create = useMutation({
    mutationFn: ({ start }: { start: boolean }) => unwrap(api.POST('/api/campaigns', { body: { ...whole(values), start } })),
    onSuccess: async (campaign) => {
      queries.setQueryData(keys.campaign(campaign.id), campaign);
      await queries.invalidateQueries({ queryKey: keys.campaigns });
      await navigate({ to: '/campaigns/$id', params: { id: campaign.id } });
    },
    onError: refuse,
  });
  const save = (start: boolean) => submit(() => create.mutate({ start }));
  const chosen = (pools ?? []).filter(({ id }) => values.pools.includes(String(id)));
  const later = beginsLater(values, new Date());
  const template = templates?.find(({ id }) => String(id) === values.template);

  return (
    <>
      <PageHeader
        title={t('new.title')}
        lead={t('new.lead')}
        above={
          <TextLink to="/campaigns" size="sm">
            ← {t('title')}
          </TextLink>
        }
      />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save(true);
        }}
      >
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, md: 7 }}>
            <Card>
              <CampaignFields form={form} />
            </Card>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 5 }}>
            <Card component="section" aria-label={t('review.title')}>
              <Title order={2} fz="lg" mb="md">
                {t('review.title')}
              </Title>
              <Review pools={chosen} template={template} draft={values} />
              {create.isError && (
                <Alert color="red" mt="md" role="alert" title={describeError(create.error).title}>
                  {describeError(create.error).detail}
                </Alert>
              )}
              <Group mt="lg" grow preventGrowOverflow={false}>
                <Button variant="default" onClick={() => save(false)} disabled={create.isPending}>
                  {t('new.draft')}
                </Button>
                <Button type="submit" color="ember" leftSection={<IconRocket size={18} />} loading={create.isPending}>
                  {later ? t('new.schedule') : t('new.launch')}
                </Button>
              </Group>
              <Text size="xs" c="dimmed" mt="sm">
                {t('new.frozen')}
              </Text>
            </Card>
          </Grid.Col>
        </Grid>
      </form>
    </>
  );
}
