/** A rate as it reads best: whole messages a minute, with a tenth where there are few, or an hour where there are fewer. */
export function readableRate(perMinute: number): { rate: number; per: 'minute' | 'hour' } {
  if (perMinute < 1) return { rate: Math.round(perMinute * 60), per: 'hour' };
  return { rate: perMinute < 10 ? Math.round(perMinute * 10) / 10 : Math.round(perMinute), per: 'minute' };
}
