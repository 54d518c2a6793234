import { Button, Card, Group, SimpleGrid, Text, Title } from '@mantine/core';
import { IconMessage2, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '@/api/client';
import { keys, meQuery, templatesQuery } from '@/api/queries';
import type { Template } from '@/api/types';
import { askFirst } from '@/components/confirm';
import { RowMenu } from '@/components/row-menu';
import { MessageBubble } from '@/components/message-bubble';
import { PageHeader } from '@/components/page-header';
import { EmptyState, Loaded } from '@/components/states';
import { showError } from '@/lib/feedback';
import { TemplateEditor } from './template-editor';

const route = getRouteApi('/shell/templates');

export function TemplatesPage() {
  const { t } = useTranslation('templates');
  const { edit } = route.useSearch();
  const navigate = route.useNavigate();
  const templates = useQuery(templatesQuery);
  const { data: me } = useQuery(meQuery);
  const mayManage = me?.role !== 'agent';
  const open = (which: number | 'new' | undefined) => void navigate({ search: { edit: which } });
  const add = mayManage && (
    <Button leftSection={<IconPlus size={18} />} onClick={() => open('new')}>
      {t('add')}
    </Button>
  );
  const edited = edit === 'new' ? null : templates.data?.find((template) => template.id === edit);
  if (edit !== undefined && mayManage && templates.data && edited !== undefined) {
    return <TemplateEditor key={edit} template={edited} onClose={() => open(undefined)} />;
  }
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} actions={templates.data?.length ? add : null} />
      <Loaded query={templates}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={IconMessage2} title={t('empty.title')} text={t('empty.text')} action={add} />
          ) : (
            <SimpleGrid cols={{ base: 1, sm: 2, xl: 3 }}>
              {items.map((template) => (
                <TemplateCard key={template.id} template={template} mayManage={mayManage} onEdit={() => open(template.id)} />
              ))}
            </SimpleGrid>
          )
        }
      </Loaded>
    </>
  );
}

function TemplateCard({ template, mayManage, onEdit }: { template: Template; mayManage: boolean; onEdit: () => void }) {
  const { t } = useTranslation('templates');
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE('/api/templates/{id}', { params: { path: { id: template.id } } })),
    onError: showError,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.templates }),
  });
  const ask = () =>
    askFirst({
      title: t('remove.title', { name: template.name }),
      text: t('remove.text'),
      confirm: common('action.delete'),
      onConfirm: () => remove.mutate(),
    });
  return (
    <Card component="article" aria-label={template.name}>
      <Group justify="space-between" wrap="nowrap" mb="sm">
        <Title order={2} fz="lg" lineClamp={1}>
          {template.name}
        </Title>
        {mayManage && <RowMenu label={t('menu', { name: template.name })} busy={remove.isPending} onEdit={onEdit} onDelete={ask} />}
      </Group>
      <MessageBubble text={template.body} media={template.media} />
      <Text size="xs" c="dimmed" mt="sm">
        {template.variables.length > 0 ? t('uses', { variables: template.variables.join(', ') }) : t('uses_none')}
      </Text>
    </Card>
  );
}
