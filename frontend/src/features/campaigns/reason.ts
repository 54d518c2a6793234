import type { TFunction } from 'i18next';

/** A ledger reason (`code` or `code: detail`) in words; an unknown one as it is. */
export function reasonInWords(t: TFunction<'campaigns'>, reason: string | null): string | null {
  if (!reason) return null;
  const [code = '', ...detail] = reason.split(': ');
  return t(`reason.${code}`, { defaultValue: reason, detail: detail.join(': ') });
}
