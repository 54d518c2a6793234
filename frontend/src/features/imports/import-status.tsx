import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ImportStatus } from '@/api/types';

const colors: Record<ImportStatus, string> = {
  previewed: 'yellow',
  committing: 'blue',
  committed: 'pine',
  undone: 'gray',
  cancelled: 'gray',
  interrupted: 'red',
  failed: 'gray',
};

export function ImportStatusBadge({ status }: { status: ImportStatus }) {
  const { t } = useTranslation('imports');
  return (
    <Badge color={colors[status]} data-status={status} miw="max-content">
      {t(`status.${status}`)}
    </Badge>
  );
}
