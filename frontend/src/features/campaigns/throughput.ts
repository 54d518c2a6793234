/** How many messages had left by an instant (milliseconds). */
export type Sample = { at: number; left: number };

/** Samples are kept this long, in milliseconds. */
const kept = 15 * 60_000;
/** Samples closer than this, in milliseconds, become one. */
const grain = 1000;

/** `samples` with one more at `at`. */
export function sample(samples: Sample[], at: number, left: number): Sample[] {
  const recent = samples.filter((one) => at - one.at <= kept);
  const last = recent.at(-1);
  if (last && at - last.at < grain) return [...recent.slice(0, -1), { at: last.at, left }];
  return [...recent, { at, left }];
}

/** Messages a minute over the last minute that was seen; null before ten seconds were. */
export function perMinute(samples: Sample[]): number | null {
  const last = samples.at(-1);
  if (!last) return null;
  const from = samples.find((one) => last.at - one.at <= 60_000);
  if (!from || last.at - from.at < 10_000) return null;
  return Math.max(0, Math.round(((last.left - from.left) / (last.at - from.at)) * 60_000));
}

/** Seconds until `open` messages are sent at the speed seen; null when it is unknown or nothing moves. */
export function secondsLeft(samples: Sample[], open: number): number | null {
  const speed = perMinute(samples);
  return speed ? Math.ceil((open / speed) * 60) : null;
}
