/**
 * Digits after the point that a currency has, for example 2 for USD and 0 for CLP: the same as the server's. Browsers differ: some take COP
 * for a currency without cents.
 */
export function minorDigits(currency: string): number {
  if (['CLP', 'PYG', 'JPY', 'KRW', 'VND', 'ISK', 'UGX'].includes(currency)) return 0;
  return ['KWD', 'BHD', 'OMR', 'JOD', 'TND'].includes(currency) ? 3 : 2;
}

/** An amount in the units that people write, as the minor units that are stored. */
export function toMinor(amount: number, currency: string): number {
  return Math.round(amount * 10 ** minorDigits(currency));
}

/** The other way round. */
export function fromMinor(minor: number, currency: string): number {
  return minor / 10 ** minorDigits(currency);
}

/** An amount as the API takes it; nothing where the field is empty. */
export function amountOf(amount: number | '', currency: string) {
  const code = currency.trim().toUpperCase();
  return amount === '' ? null : { minor: toMinor(amount, code), currency: code };
}
