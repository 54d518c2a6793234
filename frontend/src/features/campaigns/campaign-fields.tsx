import { MultiSelect, Select, Stack, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { poolsQuery, segmentsQuery, tagsQuery, templatesQuery } from '@/api/queries';
import { TextLink } from '@/components/link-button';
import { ErrorState } from '@/components/states';
import type { CampaignDraft } from './campaign-draft';
import { PlanFields } from './plan-fields';

type Props = Pick<Parameters<typeof PlanFields>[0], 'begun' | 'unfolded'> & { form: UseFormReturnType<CampaignDraft> };

/** What a campaign is made of. Of one that has begun, what its launch has frozen is shown, and why it cannot change. */
export function CampaignFields({ form, begun = false, unfolded }: Props) {
  const { t } = useTranslation('campaigns');
  const poolList = useQuery(poolsQuery);
  const templateList = useQuery(templatesQuery);
  const [pools, templates] = [poolList.data, templateList.data];
  const lost = [poolList, templateList].find((query) => query.isError && query.data === undefined);
  const { data: tags } = useQuery(tagsQuery);
  const { data: segments } = useQuery(segmentsQuery);
  const { values } = form;
  const named = (items?: { id: number; name: string }[]) => (items ?? []).map(({ id, name }) => ({ value: String(id), label: name }));
  const missing = (to: '/pools' | '/templates', text: string) => (
    <TextLink to={to} size="xs">
      {text}
    </TextLink>
  );
  const hint = (text: string) => (begun ? t('edit.frozen') : text);
  return (
    <Stack gap="lg">
      {lost && <ErrorState error={lost.error} retry={() => void lost.refetch()} />}
      <TextInput label={t('new.name')} placeholder={t('new.name_example')} required {...form.getInputProps('name')} />
      <MultiSelect
        label={t('new.pool')}
        placeholder={values.pools.length === 0 ? t('new.choose') : undefined}
        required
        data={named(pools)}
        description={pools?.length === 0 ? missing('/pools', t('new.no_pools')) : t('new.pool_hint')}
        {...form.getInputProps('pools')}
      />
      <Select
        label={t('new.template')}
        placeholder={t('new.choose')}
        required
        disabled={begun}
        data={named(templates)}
        description={templates?.length === 0 ? missing('/templates', t('new.no_templates')) : hint(t('new.template_hint'))}
        {...form.getInputProps('template')}
      />
      <MultiSelect
        label={t('new.tags')}
        description={hint(t('new.tags_hint'))}
        placeholder={values.tags.length === 0 ? t('new.everybody') : undefined}
        searchable
        clearable={!begun}
        disabled={begun}
        data={tagChoices(tags, values.tags)}
        {...form.getInputProps('tags')}
      />
      <Select
        label={t('new.segment')}
        description={hint(t('new.segment_hint'))}
        placeholder={t('new.no_segment')}
        clearable={!begun}
        disabled={begun}
        data={named(segments)}
        {...form.getInputProps('segment')}
      />
      <PlanFields
        plan={values.plan}
        onPlan={(plan) => form.setFieldValue('plan', plan)}
        followUps={values.followUps}
        onFollowUps={(followUps) => form.setFieldValue('followUps', followUps)}
        templates={templates ?? []}
        errors={Object.fromEntries(Object.entries(form.errors).map(([path, text]) => [path, String(text)]))}
        begun={begun}
        unfolded={unfolded}
      />
    </Stack>
  );
}

/** The tags that debtors have, and those chosen that nobody has any more. */
function tagChoices(tags: { tag: string; count: number }[] = [], chosen: string[]) {
  const gone = chosen.filter((tag) => !tags.some((one) => one.tag === tag));
  return [...tags.map(({ tag, count }) => ({ value: tag, label: `${tag} (${count})` })), ...gone];
}
