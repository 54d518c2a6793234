import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { DebtorStatus } from '@/api/types';

/** Only an active debtor is written to. */
export function DebtorStatusBadge({ status }: { status: DebtorStatus }) {
  const { t } = useTranslation('debtors');
  const color = status === 'active' ? 'pine' : status === 'paid' ? 'blue' : 'ember';
  return <Badge color={color}>{t(`status.${status}`)}</Badge>;
}
