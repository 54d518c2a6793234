/** Bytes as megabytes, in the reader's language. */
export function formatMemory(bytes: number | null, language: string): string {
  if (bytes === null) return '—';
  return new Intl.NumberFormat(language, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 0 }).format(bytes / 1_048_576);
}

/** A share of one processor core in percent. */
export function formatCpu(share: number | null, language: string): string {
  if (share === null) return '—';
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(share);
}
