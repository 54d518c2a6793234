const day = 86_400;

/** The length of a span in words, such as "5 minutes". */
export function spanLength(seconds: number, language: string): string {
  const [count, unit] =
    seconds % day === 0
      ? [seconds / day, 'day']
      : seconds % 3600 === 0
        ? [seconds / 3600, 'hour']
        : seconds % 60 === 0
          ? [seconds / 60, 'minute']
          : [seconds, 'second'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}

/** When a span begins: the day alone where spans are days, with the day where they are hours. */
export function spanLabel(at: string, seconds: number, language: string): string {
  const format: Intl.DateTimeFormatOptions =
    seconds >= day
      ? { dateStyle: 'medium' }
      : seconds >= 3600
        ? { dateStyle: 'short', timeStyle: 'short' }
        : seconds >= 60
          ? { timeStyle: 'short' }
          : { timeStyle: 'medium' };
  return new Intl.DateTimeFormat(language, format).format(new Date(at));
}
