// Waiting for what is to come, and for what is to end.
import { setTimeout as sleep } from 'node:timers/promises';

/** The longest any single wait may take, in milliseconds; generous, since many browsers start at once. */
export const PATIENCE = 300_000;

/** What was waited for has not come. */
export class TooLate extends Error {}

/** Asks again until the answer is true, or anything else that is not nothing; gives it. */
export async function until(what, reached, { every = 50, within = PATIENCE } = {}) {
  const limit = performance.now() + within;
  for (;;) {
    const found = await reached();
    if (found) return found;
    if (performance.now() > limit) throw new TooLate(`waited ${within / 1000} s in vain until ${what}`);
    await sleep(every);
  }
}

/** What is still to be ended, the last one first. */
const open = [];

/** Does the work, and ends what it has opened with `opened(end)` whatever comes of it. */
export async function closing(work) {
  const first = open.length;
  try {
    return await work((end) => open.push(end));
  } finally {
    await close(first);
  }
}

async function close(first) {
  while (open.length > first) {
    await open
      .pop()()
      .catch((error) => console.error(`not ended: ${error.stack}`));
  }
}

/** An interrupted run ends what it has opened, too. */
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.once(signal, () => close(0).finally(() => process.exit(code)));
}

/** The middle of the values, or what lies above the given share of them. */
export function quantile(values, share = 0.5) {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
}
