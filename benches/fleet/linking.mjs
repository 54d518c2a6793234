// Phones that scan the codes of a fleet, and how long codes take from the page to whoever watches.
import { until } from './waiting.mjs';

/** A code a second and a half, for ever: WhatsApp's own take 20 s each. */
export const QUICK_CODES = { ref_ms: 1500, refs: 1_000_000 };
/** How many codes are timed at the least. */
const CODES = 40;
/** How often the simulator is asked for the codes on show, in milliseconds: several times in the life of each. */
const LOOK = 300;
/** What a code may take before it counts as lost, in milliseconds. */
const LOST = 5000;

/** The phone of a number. */
export const phone = (number) => `573${String(number + 1).padStart(9, '0')}`;

const everyone = (count) => Array.from({ length: count }, (_, number) => number);

/** The part of a code that changes with each. */
const ref = (qr) => qr.split(',')[0];

/** Waits until every number shows a code. */
export const untilCodes = (fleet, count) =>
  until('every number shows a code', () => everyone(count).every((number) => fleet.codeOf(number)));

/** Milliseconds from the page to the watcher for each of some codes, and how many never came. All numbers show codes meanwhile. */
export async function codeLatencies(simulator, fleet) {
  const seen = new Map();
  const see = ({ qr, at }) => seen.set(ref(qr), at);
  fleet.on('code', see);
  const shown = new Map();
  const from = Date.now();
  const timed = () => [...shown].filter(([code]) => seen.has(code)).map(([code, at]) => seen.get(code) - at);
  await until(
    `${CODES} codes have come`,
    async () => {
      for (const { page, shown_at: at } of (await simulator.get('state')).codes) if (at >= from) shown.set(page, at);
      return timed().length >= CODES;
    },
    { every: LOOK },
  );
  const due = [...shown].filter(([, at]) => at < Date.now() - LOST);
  fleet.off('code', see);
  return { latencies: timed(), lost: due.filter(([code]) => !seen.has(code)).length };
}

/** Links every number to its phone and waits until all are online. */
export async function link(simulator, fleet, count) {
  await untilCodes(fleet, count);
  for (const number of everyone(count)) {
    await simulator.post('phones', { phone: phone(number) });
    await until(`number ${number} is linked`, () => scan(simulator, fleet, number));
  }
  await until('every number is online', async () => (await fleet.online()) === count);
}

/** Whether the code on show was scanned in time. */
async function scan(simulator, fleet, number) {
  const qr = fleet.codeOf(number);
  try {
    await simulator.post('scan', { phone: phone(number), qr });
    return true;
  } catch (error) {
    if (!/ 409 /.test(error.message)) throw error;
    return false;
  }
}
