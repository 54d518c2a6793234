import { Alert, Button, Card, Grid, Group, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconLock } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { campaignQuery, keys, meQuery, poolsQuery, templatesQuery } from '@/api/queries';
import type { Campaign, CampaignStatus } from '@/api/types';
import { LinkButton, TextLink } from '@/components/link-button';
import { PageHeader } from '@/components/page-header';
import { EmptyState, ForbiddenState, Loaded } from '@/components/states';
import { describeError, showSuccess } from '@/lib/feedback';
import { begunPatch, draftOf, whole } from './campaign-draft';
import { CampaignFields } from './campaign-fields';
import { Review } from './review';
import { useCampaignForm } from './use-campaign-form';

const route = getRouteApi('/shell/campaigns/$id/edit');

const canChange = (status: CampaignStatus) => status === 'draft' || status === 'paused';

/** Changes a draft; or of a paused campaign what its launch has not frozen. */
export function EditCampaignPage() {
  const { id } = route.useParams();
  const { data: me } = useQuery(meQuery);
  const campaign = useQuery(campaignQuery(id));
  if (me?.role === 'agent') return <ForbiddenState />;
  return <Loaded query={campaign}>{(now) => <Editing key={id} now={now} />}</Loaded>;
}

/** The form holds the campaign as it was when it was opened; `now` moves on with what others do. */
function Editing({ now }: { now: Campaign }) {
  const { t } = useTranslation('campaigns');
  const { t: common } = useTranslation();
  const [{ opened, round }, setOpened] = useState({ opened: now, round: 0 });
  const again = () => setOpened({ opened: now, round: round + 1 });
  if (!canChange(opened.status) && canChange(now.status)) again();
  const lead: Partial<Record<CampaignStatus, string>> = { draft: t('edit.lead'), paused: t('edit.lead_paused') };
  return (
    <>
      <PageHeader
        title={t('edit.title', { name: opened.name })}
        lead={lead[opened.status]}
        above={
          <TextLink to="/campaigns/$id" params={{ id: opened.id }} size="sm">
            ← {opened.name}
          </TextLink>
        }
      />
      {canChange(opened.status) ? (
        <EditForm key={round} opened={opened} now={now} onAgain={again} />
      ) : (
        <EmptyState
          icon={IconLock}
          color="gray"
          title={t('edit.closed', { status: common(`campaign_status.${now.status}`) })}
          text={t(
            now.status === 'scheduled' ? 'edit.closed_scheduled' : now.status === 'running' ? 'edit.closed_running' : 'edit.closed_over',
          )}
          action={
            <LinkButton to="/campaigns/$id" params={{ id: now.id }} variant="light">
              {t('edit.back')}
            </LinkButton>
          }
        />
      )}
    </>
  );
}

function EditForm({ opened, now, onAgain }: { opened: Campaign; now: Campaign; onAgain: () => void }) {
  const { t } = useTranslation('campaigns');
  const { t: common } = useTranslation();
  const { data: pools } = useQuery(poolsQuery);
  const { data: templates } = useQuery(templatesQuery);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { form, submit, refuse } = useCampaignForm(draftOf(opened));
  const { values } = form;
  const { id } = opened;
  const begun = opened.status === 'paused';
  const save = useMutation({
    mutationFn: () =>
      unwrap(api.PATCH('/api/campaigns/{id}', { params: { path: { id } }, body: begun ? begunPatch(values) : whole(values) })),
    onSuccess: async (changed) => {
      queries.setQueryData(keys.campaign(id), changed);
      showSuccess(t('edit.saved'));
      await navigate({ to: '/campaigns/$id', params: { id } });
    },
    onError: refuse,
    // Where somebody has started it meanwhile, this is how the page learns of it.
    onSettled: () => queries.invalidateQueries({ queryKey: keys.campaigns }),
  });
  const meanwhile = now.status !== opened.status;
  const chosen = (pools ?? []).filter((pool) => values.pools.includes(String(pool.id)));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!meanwhile) submit(() => save.mutate());
      }}
    >
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Card>
            <CampaignFields form={form} begun={begun} unfolded={['when', 'follow-ups', 'limits']} />
          </Card>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Card component="section" aria-label={begun ? t('edit.stays') : t('review.title')}>
            <Title order={2} fz="lg" mb="md">
              {begun ? t('edit.stays') : t('review.title')}
            </Title>
            {begun ? (
              <Text size="sm">{t('edit.stays_text', { template: opened.template.name, total: opened.counts.total })}</Text>
            ) : (
              <Review pools={chosen} template={templates?.find((template) => String(template.id) === values.template)} draft={values} />
            )}
            {meanwhile ? (
              <Meanwhile now={now} onAgain={onAgain} />
            ) : (
              save.isError && (
                <Alert color="red" mt="md" role="alert" title={describeError(save.error).title}>
                  {describeError(save.error).detail}
                </Alert>
              )
            )}
            <Group mt="lg" grow preventGrowOverflow={false}>
              <LinkButton to="/campaigns/$id" params={{ id }} variant="default">
                {common('action.cancel')}
              </LinkButton>
              <Button type="submit" loading={save.isPending} disabled={meanwhile}>
                {common('action.save')}
              </Button>
            </Group>
            {begun && (
              <Text size="xs" c="dimmed" mt="sm">
                {t('edit.resume')}
              </Text>
            )}
          </Card>
        </Grid.Col>
      </Grid>
    </form>
  );
}

/** Somebody has started, resumed or ended it since the form was opened: nothing of what was typed is saved, and nothing is lost yet. */
function Meanwhile({ now, onAgain }: { now: Campaign; onAgain: () => void }) {
  const { t } = useTranslation('campaigns');
  const { t: common } = useTranslation();
  return (
    <Alert color="yellow" mt="md" role="alert" icon={<IconAlertTriangle />} title={t('edit.meanwhile')}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{t('edit.meanwhile_text', { status: common(`campaign_status.${now.status}`) })}</Text>
        {canChange(now.status) ? (
          <Button size="xs" variant="light" color="yellow" onClick={onAgain}>
            {t('edit.again')}
          </Button>
        ) : (
          <LinkButton to="/campaigns/$id" params={{ id: now.id }} size="xs" variant="light" color="yellow">
            {t('edit.back')}
          </LinkButton>
        )}
      </Stack>
    </Alert>
  );
}
