// What a number costs: WhatsMassive, each number in a browser of its own or eight in one, beside whatsapp-web.js, on the same machine and
// the same page, in one run.
//
// NUMBERS="1,2,4,8,16" node bench.mjs: says on stderr how far it is, and prints tables in Markdown, which it also writes to
// target/fleet.md.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startSimulator } from '../../tests/conformance/simulator.mjs';
import { QUICK_CODES, codeLatencies, link, untilCodes } from './linking.mjs';
import { processorTime, proportional } from './processes.mjs';
import { method, ratios, table } from './report.mjs';
import { TooLate, closing, quantile, until } from './waiting.mjs';
import { WhatsAppWeb } from './whatsapp-web.mjs';
import { WhatsMassive, WhatsMassiveShared } from './whatsmassive.mjs';

const SIZES = (process.env.NUMBERS ?? '1,2,4,8,16').split(',').map(Number);
const FILE = fileURLToPath(new URL('../../target/fleet.md', import.meta.url));
/** How long a fleet rests before its memory is read, and again while its processor time is counted, in milliseconds. */
const IDLE = 20_000;
/**
 * How long a linked page loads after a second start, in milliseconds; taken off the time that is shown. whatsapp-web.js is never ready
 * where the page has loaded before it listens, so that it needs some.
 */
const SYNC = 10_000;
/** How long the second start may take before those that are missing count as never ready, in milliseconds. */
const START = 180_000;

const say = (text) => console.error(text);

/** Everything about one fleet of one size. */
const measure = (Fleet, count) =>
  closing(async (opened) => {
    const simulator = await startSimulator();
    opened(simulator.stop);
    const fleet = new Fleet(simulator, count);
    opened(() => fleet.stop());
    say(`${fleet.name}, ${count}: showing codes`);
    await simulator.post('faults', QUICK_CODES);
    await fleet.start();
    await untilCodes(fleet, count);
    const codes = await codeLatencies(simulator, fleet);
    say(`${fleet.name}, ${count}: linking`);
    await link(simulator, fleet, count);
    say(`${fleet.name}, ${count}: idle`);
    const idle = await rest(fleet, count);
    await fleet.stop();
    say(`${fleet.name}, ${count}: starting again`);
    await simulator.post('faults', { sync_ms: SYNC });
    const start = await startAgain(fleet, count);
    return {
      name: fleet.name,
      count,
      ...idle,
      ...start,
      median: quantile(codes.latencies),
      p95: quantile(codes.latencies, 0.95),
      codes: codes.latencies.length,
      lost: codes.lost,
      failures: fleet.failures ?? [],
    };
  });

/** What the fleet uses while nothing happens. */
async function rest(fleet, count) {
  await sleep(IDLE);
  const [head, ...browsers] = fleet.family();
  const memory = proportional(browsers) / count;
  const own = proportional([head]);
  const before = fleet.family();
  const from = performance.now();
  await sleep(IDLE);
  const seconds = (performance.now() - from) / 1000;
  return { memory, own, processor: (processorTime(before, fleet.family()) / seconds / count) * 100 };
}

/** Seconds until the last of the linked numbers is online, without the time that its page loads; or how many never were. */
async function startAgain(fleet, count) {
  const from = performance.now();
  await fleet.start();
  try {
    await until('every number is online again', async () => (await fleet.online()) === count, { within: START });
    return { start: (performance.now() - from - SYNC) / 1000, missing: 0 };
  } catch (error) {
    if (!(error instanceof TooLate)) throw error;
    return { start: undefined, missing: count - (await fleet.online()) };
  }
}

const rows = [];
for (const count of SIZES) {
  for (const Fleet of [WhatsMassive, WhatsMassiveShared, WhatsAppWeb]) rows.push(await measure(Fleet, count));
}
const report = [table(rows), method({ idle: IDLE, sync: SYNC, start: START }), ratios(rows)].join('\n\n');
writeFileSync(FILE, `${report}\n`);
console.log(report);
process.exit(0);
