import { Alert, Badge, Group } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Campaign } from '@/api/types';
import { TextLink } from '@/components/link-button';
import { formatInstant, formatInstantIn } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { zoneHere } from '@/lib/zones';

/** What a campaign has of a plan, and why it has stopped by itself. */
export function PlanNotes({ campaign, canChange }: { campaign: Campaign; canChange: boolean }) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  const { plan, follow_ups: followUps, pause_reason: pauseReason, status } = campaign;
  const [code = '', ...detail] = (pauseReason ?? '').split(': ');
  // On the clock that it was planned on, which is told where it is not the reader's.
  const when = (at: string) =>
    plan.time_zone === zoneHere() ? formatInstant(at, language) : formatInstantIn(at, plan.time_zone, language);
  const notes = [
    plan.starts_at && !campaign.started_at && t('plan.starts_at', { when: when(plan.starts_at) }),
    plan.ends_at && t('plan.ends_at', { when: when(plan.ends_at) }),
    plan.hours.length > 0 && t('plan.own_hours'),
    followUps.length > 0 && t('plan.follow_up_count', { count: followUps.length }),
  ].filter((note): note is string => Boolean(note));
  return (
    <>
      {notes.length > 0 && (
        <Group gap={6} mb="md">
          {notes.map((note) => (
            <Badge key={note} color="gray" variant="light" tt="none" fw={500}>
              {note}
            </Badge>
          ))}
        </Group>
      )}
      {pauseReason && (
        <Alert
          color="yellow"
          role="alert"
          mb="lg"
          icon={<IconAlertTriangle />}
          title={t(status === 'paused' ? 'paused.title' : 'paused.draft_title')}
        >
          {t(`pause.${code}`, { defaultValue: pauseReason, detail: detail.join(': ') })}{' '}
          {canChange && (status === 'paused' || status === 'draft') && (
            <TextLink to="/campaigns/$id/edit" params={{ id: campaign.id }} size="sm">
              {t(code === 'too_many_errors' ? 'edit.limit' : 'edit.open')}
            </TextLink>
          )}
        </Alert>
      )}
    </>
  );
}
