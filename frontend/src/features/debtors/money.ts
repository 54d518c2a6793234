/**
 * Digits after the point that a currency has, for example 2 for USD and 0 for CLP: the same as the server's. Browsers differ: some take COP
 * for a currency without cents.
 */
export function minorDigits(currency: string): number {
  return byDigits.find(([, codes]) => codes.includes(currency))?.[0] ?? 2;
}

/** Currencies that have not two, by ISO 4217. */
const byDigits: [number, string[]][] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ')],
  [3, 'BHD IQD JOD KWD LYD OMR TND'.split(' ')],
  [4, 'CLF UYW'.split(' ')],
];

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
