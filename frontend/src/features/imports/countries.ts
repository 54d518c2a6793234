/** Where our teams collect, by ISO 3166; what an import detects beyond these is added. */
const countries = [
  'AR',
  'BO',
  'BR',
  'CL',
  'CO',
  'CR',
  'DO',
  'EC',
  'ES',
  'GT',
  'HN',
  'MX',
  'NI',
  'PA',
  'PE',
  'PT',
  'PY',
  'SV',
  'US',
  'UY',
  'VE',
];

/** Their currencies, by ISO 4217. */
export const currencies = [
  'ARS',
  'BOB',
  'BRL',
  'CLP',
  'COP',
  'CRC',
  'DOP',
  'EUR',
  'GTQ',
  'HNL',
  'MXN',
  'NIO',
  'PAB',
  'PEN',
  'PYG',
  'USD',
  'UYU',
  'VES',
];

/** Countries to choose from, by name in the reader's language. */
export function countryOptions(language: string, detected: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames(language, { type: 'region' });
  return [...new Set([...countries, detected])]
    .map((value) => ({ value, label: names.of(value) ?? value }))
    .sort((a, b) => a.label.localeCompare(b.label, language));
}
