// The figures as people read them.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { chromium } from '../../tests/conformance/simulator.mjs';

const load = loadavg()[0];

/** A table in Markdown; columns of figures are on the right. */
export function markdown(heads, rows) {
  const lines = [heads, heads.map((_, column) => (column < 1 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** A row for each fleet. */
export function table(rows) {
  const heads = [
    'driver',
    'numbers',
    'browsers, MB a number',
    'own process, MB',
    'idle CPU, % of a core a number',
    'start, s',
    'QR median, ms',
    'QR 95 %, ms',
    'codes',
  ];
  const cells = rows.map((row) => [
    row.name,
    row.count,
    row.memory.toFixed(0),
    row.own.toFixed(0),
    row.processor.toFixed(2),
    row.missing ? `${row.missing} never ready` : row.start.toFixed(1),
    row.median.toFixed(0),
    row.p95.toFixed(0),
    row.lost ? `${row.codes}, ${row.lost} lost` : row.codes,
  ]);
  const failures = rows
    .filter(({ failures }) => failures.length > 0)
    .map(
      ({ name, count, failures }) =>
        `${name}, ${count}: ${failures.length} starts of clients failed and were tried again (${failures[0]}).`,
    );
  return [markdown(heads, cells), ...failures].join('\n\n');
}

/** For each size our figures as a share of whatsapp-web.js's, which is the last of each size. */
export function ratios(rows) {
  const heads = ['driver', 'numbers', 'browsers', 'own process', 'idle CPU', 'start', 'QR median', 'QR 95 %'];
  const sizes = [...new Set(rows.map(({ count }) => count))];
  const cells = sizes.flatMap((size) => {
    const fleets = rows.filter(({ count }) => count === size);
    const theirs = fleets.pop();
    const share = (ours, figure) =>
      ours[figure] === undefined || !theirs[figure] ? '–' : (ours[figure] / theirs[figure]).toFixed(2);
    const figures = ['memory', 'own', 'processor', 'start', 'median', 'p95'];
    return fleets.map((ours) => [ours.name, size, ...figures.map((figure) => share(ours, figure))]);
  });
  return `As a share of whatsapp-web.js's:\n\n${markdown(heads, cells)}`;
}

/** On what it was measured. */
export function machine() {
  const [{ model }] = cpus();
  const system = readFileSync('/etc/os-release', 'utf8').match(/^PRETTY_NAME="(.*)"/m)?.[1] ?? process.platform;
  return [
    `${cpus().length} cores of ${model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GB of memory, ${system}, Linux ${release()}`,
    `load ${load.toFixed(1)} before the run`,
    version(process.env.WHATSMASSIVE_BIN),
    version(chromium()),
    `Node.js ${process.version.slice(1)}`,
  ].join(', ');
}

/** A program's name and version. */
const version = (program) =>
  execFileSync(program, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] })
    .toString()
    .split(' built ')[0]
    .trim();

/** How it was measured. */
export function method({ idle, sync, start }) {
  const peer = createRequire(new URL('../peers/whatsapp-web/', import.meta.url))('whatsapp-web.js/package.json').version;
  const seconds = (milliseconds) => `${milliseconds / 1000} s`;
  return `Measured on ${new Date().toISOString().slice(0, 10)} on ${machine()}, whatsapp-web.js ${peer} with its defaults.

- Every row is a fleet of its own, with a simulator of its own and new profiles. Both drive the same page, each in the browser
  that it takes by itself: WhatsMassive Debian's headless shell where it is installed, or the whole Chromium where numbers share it;
  whatsapp-web.js the Chromium of the same version.
  WhatsMassive runs as \`serve\` on SQLite, at the simulator's address; whatsapp-web.js as one Node process with a client with LocalAuth
  for each number, through a front with TLS that passes for web.whatsapp.com.
- Memory is PSS from /proc/PID/smaps_rollup, read once when all numbers have been online and idle for ${seconds(idle)}: of all
  processes of all browsers, by the number of numbers, and of the server or the Node process itself.
- Idle CPU is the user and system time from /proc/PID/stat of the server or the Node process and all browsers, over the next
  ${seconds(idle)}; the kernel counts in steps of 10 ms, which are ${(1000 / idle).toFixed(2)} % of a core.
- Start is from the start of the process, on the profiles of linked numbers and without a code, until the last number is online, or
  \`ready\`; looked at every 50 ms. The ${seconds(sync)} that the page takes to load are taken off: they are there because whatsapp-web.js is
  never ready where the page has loaded before it listens. Those that are not ready after ${seconds(start)} are called never ready.
- QR latency is from the moment at which the simulator hands a code to the page until the Socket.IO event \`session.qr\` is at a client
  that is signed in, or the event \`qr\` of whatsapp-web.js is heard, over 40 codes or more that change every 1.5 s on all numbers at once.`;
}
