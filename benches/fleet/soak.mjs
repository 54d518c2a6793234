// How a fleet holds: eight numbers on real browsers, all of them sending all the time, debtors who write back, and the memory of it all.
//
// MINUTES=30 node soak.mjs: says on stderr how far it is, prints figures in Markdown, and draws docs/fleet-soak.svg. Exits with 1 where a
// number is not online in the end or a message has arrived twice.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startSimulator } from '../../tests/conformance/simulator.mjs';
import { Ledger, SESSION, launch, makeDebtors, setUp } from './campaign.mjs';
import { chart } from './chart.mjs';
import { browsers, proportional, resident } from './processes.mjs';
import { machine, markdown } from './report.mjs';
import { TooLate, closing, quantile, until } from './waiting.mjs';
import { WhatsMassive } from './whatsmassive.mjs';

const MINUTES = Number(process.env.MINUTES ?? 30);
const COUNT = 8;
const CHART = fileURLToPath(new URL('../../docs/fleet-soak.svg', import.meta.url));
/** How often memory is read, in milliseconds. */
const EVERY = 10_000;
/** How often a debtor writes back: after so many readings. */
const REPLY = 2;
/** How often this program says how far it is: likewise. */
const TELL = 6;
/** How long a number may be on its way at the end, in milliseconds. */
const ON_ITS_WAY = 60_000;

const say = (text) => console.error(text);
const sum = (values) => values.reduce((total, value) => total + value, 0);

/** The number of the session whose profile a browser has. */
const profile = (commandLine) => commandLine.match(/\/profiles\/(\d+)\0/)?.[1];

/** Memory in megabytes: of each number's browser, and of the server. */
function look(fleet) {
  const members = fleet.family();
  const trees = browsers(members, profile);
  const ofNumbers = fleet.sessions.map((id) => trees.get(String(id))).map((tree) => tree && proportional(tree));
  return { browsers: ofNumbers, server: resident(members.slice(0, 1)) };
}

/** Looks every ten seconds until the time is over; now and then a debtor writes back. */
async function watch(fleet, ledger) {
  const samples = [];
  const from = performance.now();
  let replies = 0;
  for (let turn = 0; turn * EVERY <= MINUTES * 60_000; turn += 1) {
    await sleep(Math.max(0, from + turn * EVERY - performance.now()));
    await ledger.read();
    const minutes = (performance.now() - from) / 60_000;
    samples.push({ minutes, ...look(fleet), messages: ledger.count });
    if (turn % REPLY === 0) replies += (await ledger.reply()) ? 1 : 0;
    if (turn % TELL === 0) say(`${minutes.toFixed(0)} of ${MINUTES} minutes, ${ledger.count} messages`);
  }
  return { samples, replies };
}

/** What is wrong in the end. */
async function problems(fleet, ledger, campaign) {
  const found = [];
  if ((await fleet.get(`/api/campaigns/${campaign}`)).status !== 'running') found.push('the campaign did not last');
  else await fleet.post(`/api/campaigns/${campaign}/pause`);
  try {
    await until('every number is online', async () => (await fleet.online()) === COUNT, { within: ON_ITS_WAY });
  } catch (error) {
    if (!(error instanceof TooLate)) throw error;
    found.push(`${await fleet.online()} of ${COUNT} numbers are online`);
  }
  await until('nothing is on its way', async () => (await fleet.get(`/api/campaigns/${campaign}`)).counts.sending === 0);
  await ledger.read();
  if (ledger.count === 0) found.push('no message has arrived');
  if (ledger.twice > 0) found.push(`${ledger.twice} debtors got the message more than once`);
  return found;
}

/** Megabytes an hour, by the straight line that is nearest to the values. */
function slope(points) {
  const middle = (values) => sum(values) / values.length;
  const [x, y] = [middle(points.map(([at]) => at)), middle(points.map(([, value]) => value))];
  return (60 * sum(points.map(([at, value]) => (at - x) * (value - y)))) / sum(points.map(([at]) => (at - x) ** 2));
}

/** A row of the table: the medians of the first and the last third, and where it goes. */
function trend(what, samples, value) {
  const points = samples.map((sample) => [sample.minutes, value(sample)]).filter(([, found]) => Number.isFinite(found));
  const third = Math.ceil(points.length / 3);
  const median = (some) => quantile(some.map(([, found]) => found)).toFixed(1);
  return [what, median(points.slice(0, third)), median(points.slice(-third)), slope(points).toFixed(1)];
}

const ofANumber = ({ browsers }) => {
  const running = browsers.filter((memory) => memory !== undefined);
  return sum(running) / running.length;
};

function section({ samples, replies, restarts, wrong, ledger }) {
  const rows = [
    trend('browser of a number, PSS', samples, ofANumber),
    trend('all browsers, PSS', samples, ({ browsers }) => sum(browsers.map((memory) => memory ?? 0))),
    trend('server, RSS', samples, ({ server }) => server),
  ];
  const rate = ledger.count / (MINUTES * 60);
  return `## ${COUNT} numbers for ${MINUTES} minutes

${markdown(['memory, MB', 'first third, median', 'last third, median', 'MB an hour'], rows)}

${ledger.count} messages arrived, ${rate.toFixed(1)} a second, and ${replies} replies; browsers were started again ${restarts} times.
${wrong.length > 0 ? `Wrong: ${wrong.join('; ')}.` : 'Every number was online in the end, and no message arrived twice.'}

Measured on ${machine()}, every ${EVERY / 1000} s, with pauses of ${SESSION.delay_min_ms / 1000} to ${SESSION.delay_max_ms / 1000} s a number.`;
}

const wrong = await closing(async (opened) => {
  const simulator = await startSimulator();
  opened(simulator.stop);
  const fleet = new WhatsMassive(simulator, COUNT, SESSION);
  opened(() => fleet.stop());
  say('linking');
  await setUp(simulator, fleet, COUNT);
  say('making debtors');
  await makeDebtors(fleet, COUNT, MINUTES);
  const campaign = await launch(fleet);
  const ledger = new Ledger(simulator);
  const watched = await watch(fleet, ledger);
  const found = await problems(fleet, ledger, campaign);
  const restarts = sum((await fleet.get('/api/sessions')).items.map(({ health }) => health?.restarts ?? 0));
  writeFileSync(CHART, chart(watched.samples, COUNT));
  console.log(section({ ...watched, restarts, wrong: found, ledger }));
  return found;
});
process.exit(wrong.length > 0 ? 1 : 0);
