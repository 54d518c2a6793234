import { useTranslation } from 'react-i18next';

/** The language on show, for formatters. */
export function useLanguage(): string {
  return useTranslation().i18n.resolvedLanguage ?? 'en';
}
