import { Button, Group, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

const route = getRouteApi('/shell/debtors');

/** Says whom the order by last message leaves out, and lists them too without it. */
export function OrderNote() {
  const { t } = useTranslation('debtors');
  const navigate = route.useNavigate();
  const remove = () => void navigate({ search: (now) => ({ ...now, sort: undefined, descending: undefined, cursor: undefined }) });
  return (
    <Group gap="xs" mb="sm" role="status">
      <Text size="sm">{t('order.only_contacted')}</Text>
      <Button size="compact-sm" variant="light" onClick={remove}>
        {t('order.remove')}
      </Button>
    </Group>
  );
}
