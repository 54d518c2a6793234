import { Container } from '@mantine/core';
import { IconMapOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { LinkButton } from '@/components/link-button';
import { EmptyState } from '@/components/states';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Container size="sm" py="xl">
      <EmptyState
        icon={IconMapOff}
        title={t('not_found.title')}
        text={t('not_found.text')}
        action={<LinkButton to="/">{t('not_found.home')}</LinkButton>}
      />
    </Container>
  );
}
