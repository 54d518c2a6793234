import { useTranslation } from 'react-i18next';

/** Puts the server's reason, a code with perhaps more after `: `, into words. */
export function useReason() {
  const { t } = useTranslation('sessions');
  return (reason: string | null) => {
    const [code, ...detail] = (reason ?? '').split(': ');
    if (!code) return '';
    return t(`reason.${code}`, { defaultValue: reason ?? '', detail: detail.join(': ') });
  };
}
