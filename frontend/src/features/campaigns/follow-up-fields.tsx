import { ActionIcon, Button, Checkbox, Group, NumberInput, Paper, Select, Stack, Text } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Template } from '@/api/types';
import type { FollowUpDraft } from './campaign-draft';

type Props = {
  followUps: FollowUpDraft[];
  onFollowUps: (followUps: FollowUpDraft[]) => void;
  templates: Template[];
  errors: Record<string, string>;
  /** Whether the campaign has begun, and its follow-ups stay as they are. */
  begun: boolean;
};

/** What goes to those who got the message before, some time later. */
export function FollowUpFields({ followUps, onFollowUps, templates, errors, begun }: Props) {
  const { t } = useTranslation('campaigns');
  const change = (index: number, part: Partial<FollowUpDraft>) =>
    onFollowUps(followUps.map((row, at) => (at === index ? { ...row, ...part } : row)));
  return (
    <Stack gap="sm">
      <Text size="xs" c="dimmed">
        {begun ? t('edit.frozen') : t('plan.follow_ups_hint')}
      </Text>
      {followUps.map((row, index) => (
        <Paper key={index} withBorder p="sm" radius="md">
          <Group align="flex-start" mb="xs">
            <Select
              style={{ flex: '1 1 180px' }}
              label={t('plan.follow_up_template', { number: index + 2 })}
              data={templates.map(({ id, name }) => ({ value: String(id), label: name }))}
              value={row.template}
              error={errors[`follow_ups.${index}.template_id`]}
              disabled={begun}
              onChange={(template) => change(index, { template })}
            />
            <NumberInput
              w={130}
              label={t('plan.after_hours')}
              min={0.02}
              max={8760}
              decimalScale={2}
              suffix=" h"
              value={row.hours}
              error={errors[`follow_ups.${index}.after_minutes`]}
              disabled={begun}
              onChange={(value) => change(index, { hours: Number(value) || 1 })}
            />
            {!begun && (
              <ActionIcon
                variant="subtle"
                color="gray"
                mt={28}
                aria-label={t('plan.remove_follow_up')}
                onClick={() => onFollowUps(followUps.filter((_, at) => at !== index))}
              >
                <IconTrash size={17} />
              </ActionIcon>
            )}
          </Group>
          <Checkbox
            size="sm"
            label={t('plan.stop_if_replied')}
            checked={row.stopIfReplied}
            disabled={begun}
            onChange={(event) => change(index, { stopIfReplied: event.currentTarget.checked })}
          />
          <Checkbox
            size="sm"
            mt="xs"
            label={t('plan.stop_if_promised')}
            description={t('plan.stop_if_promised_hint')}
            checked={row.stopIfPromised}
            disabled={begun}
            onChange={(event) => change(index, { stopIfPromised: event.currentTarget.checked })}
          />
        </Paper>
      ))}
      {!begun && followUps.length < 10 && (
        <Button
          variant="subtle"
          size="xs"
          leftSection={<IconPlus size={15} />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => onFollowUps([...followUps, { template: null, hours: 48, stopIfReplied: true, stopIfPromised: true }])}
        >
          {t('plan.add_follow_up')}
        </Button>
      )}
    </Stack>
  );
}
