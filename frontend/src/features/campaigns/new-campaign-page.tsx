import { Alert, Button, Card, Grid, Group, MultiSelect, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconRocket } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { fieldErrors } from '@/api/problem';
import { keys, poolsQuery, segmentsQuery, tagsQuery, templatesQuery } from '@/api/queries';
import { TextLink } from '@/components/link-button';
import { PageHeader } from '@/components/page-header';
import { describeError } from '@/lib/feedback';
import { PlanFields, emptyPlan, type FollowUpDraft } from './plan-fields';
import { Review } from './review';

/** Pool, template and audience on the left; what will happen on the right. */
export function NewCampaignPage() {
  const { t } = useTranslation('campaigns');
  const { t: common } = useTranslation();
  const { data: pools } = useQuery(poolsQuery);
  const { data: templates } = useQuery(templatesQuery);
  const { data: tags } = useQuery(tagsQuery);
  const { data: segments } = useQuery(segmentsQuery);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const required = (value: string | null) => (value?.trim() ? null : common('error.required'));
  const form = useForm({
    initialValues: {
      name: '',
      pools: [] as string[],
      template: null as string | null,
      tags: [] as string[],
      segment: null as string | null,
      plan: emptyPlan(),
      followUps: [] as FollowUpDraft[],
    },
    validate: { name: required, pools: (pools) => (pools.length > 0 ? null : common('error.required')), template: required },
  });
  const audience = { tags: form.values.tags, segment_id: form.values.segment ? Number(form.values.segment) : null };
  const create = useMutation({
    mutationFn: ({ start }: { start: boolean }) =>
      unwrap(
        api.POST('/api/campaigns', {
          body: {
            name: form.values.name.trim(),
            pool_ids: form.values.pools.map(Number),
            template_id: Number(form.values.template),
            audience,
            plan: form.values.plan,
            follow_ups: form.values.followUps.map(({ template, hours, stopIfReplied, stopIfPromised }) => ({
              template_id: Number(template),
              after_minutes: Math.round(hours * 60),
              stop_if_replied: stopIfReplied,
              stop_if_promised: stopIfPromised,
            })),
            start,
          },
        }),
      ),
    onSuccess: async (campaign) => {
      queries.setQueryData(keys.campaign(campaign.id), campaign);
      await queries.invalidateQueries({ queryKey: keys.campaigns });
      await navigate({ to: '/campaigns/$id', params: { id: campaign.id } });
    },
    onError: (error) => {
      const errors = fieldErrors(error);
      const { name, pool_ids: none, 'pool_ids.0': first, template_id: template, 'audience.tags': tags } = errors;
      form.setErrors({ ...errors, name, pools: none ?? first, template, tags, segment: errors['audience.segment_id'] });
    },
  });
  const submit = (start: boolean) => form.onSubmit(() => create.mutate({ start }))();
  const chosen = (pools ?? []).filter(({ id }) => form.values.pools.includes(String(id)));
  const later = form.values.plan.starts_at !== null && new Date(form.values.plan.starts_at) > new Date();
  const template = templates?.find(({ id }) => String(id) === form.values.template);

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
          submit(true);
        }}
      >
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, md: 7 }}>
            <Card>
              <Stack gap="lg">
                <TextInput label={t('new.name')} placeholder={t('new.name_example')} required {...form.getInputProps('name')} />
                <MultiSelect
                  label={t('new.pool')}
                  placeholder={form.values.pools.length === 0 ? t('new.choose') : undefined}
                  required
                  data={(pools ?? []).map(({ id, name }) => ({ value: String(id), label: name }))}
                  description={
                    pools?.length === 0 ? (
                      <TextLink to="/pools" size="xs">
                        {t('new.no_pools')}
                      </TextLink>
                    ) : (
                      t('new.pool_hint')
                    )
                  }
                  {...form.getInputProps('pools')}
                />
                <Select
                  label={t('new.template')}
                  placeholder={t('new.choose')}
                  required
                  data={(templates ?? []).map(({ id, name }) => ({ value: String(id), label: name }))}
                  description={
                    templates?.length === 0 ? (
                      <TextLink to="/templates" size="xs">
                        {t('new.no_templates')}
                      </TextLink>
                    ) : (
                      t('new.template_hint')
                    )
                  }
                  {...form.getInputProps('template')}
                />
                <MultiSelect
                  label={t('new.tags')}
                  description={t('new.tags_hint')}
                  placeholder={form.values.tags.length === 0 ? t('new.everybody') : undefined}
                  searchable
                  clearable
                  data={(tags ?? []).map(({ tag, count }) => ({ value: tag, label: `${tag} (${count})` }))}
                  {...form.getInputProps('tags')}
                />
                <Select
                  label={t('new.segment')}
                  description={t('new.segment_hint')}
                  placeholder={t('new.no_segment')}
                  clearable
                  data={(segments ?? []).map(({ id, name }) => ({ value: String(id), label: name }))}
                  {...form.getInputProps('segment')}
                />
                <PlanFields
                  plan={form.values.plan}
                  onPlan={(plan) => form.setFieldValue('plan', plan)}
                  followUps={form.values.followUps}
                  onFollowUps={(followUps) => form.setFieldValue('followUps', followUps)}
                  templates={templates ?? []}
                  errors={Object.fromEntries(Object.entries(form.errors).map(([path, text]) => [path, String(text)]))}
                />
              </Stack>
            </Card>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 5 }}>
            <Card component="section" aria-label={t('review.title')}>
              <Title order={2} fz="lg" mb="md">
                {t('review.title')}
              </Title>
              <Review pools={chosen} template={template} audience={audience} />
              {create.isError && (
                <Alert color="red" mt="md" role="alert" title={describeError(create.error).title}>
                  {describeError(create.error).detail}
                </Alert>
              )}
              <Group mt="lg" grow preventGrowOverflow={false}>
                <Button variant="default" onClick={() => submit(false)} disabled={create.isPending}>
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
