import { notifications } from '@mantine/notifications';
import i18n from 'i18next';
import { ApiError } from '@/api/problem';

/** Title and detail of whatever went wrong, in the reader's language. */
export function describeError(error: unknown): { title: string; detail: string } {
  if (error instanceof ApiError && error.slug !== 'network') {
    return { title: error.title || i18n.t('common:error.title'), detail: error.detail };
  }
  return { title: i18n.t('common:error.title'), detail: i18n.t('common:error.network') };
}

export function showError(error: unknown): void {
  const { title, detail } = describeError(error);
  notifications.show({ color: 'red', title, message: detail, autoClose: 8000 });
}

export function showSuccess(message: string): void {
  notifications.show({ color: 'pine', message });
}
