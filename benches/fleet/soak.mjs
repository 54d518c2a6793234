// How a fleet holds: eight numbers on real browsers, all of them sending all the time, debtors who write back, and the memory of it all.
//
// MINUTES=30 node soak.mjs: says on stderr how far it is, prints figures in Markdown, and draws docs/fleet-soak.svg. Exits with 1 where a
// number is not online in the end, a message has arrived twice, or memory has grown: the median of the last third of the time is more than
// 5 % above that of the middle third. The first third is there to warm up.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startSimulator } from '../../tests/conformance/simulator.mjs';
import { AUDIENCE, Campaigns, Ledger, SESSION, makeDebtors, setUp } from './campaign.mjs';
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
/** How much more memory than in the middle third is still level in the last. */
const LEVEL = 1.05;
/** The share of the middle third's messages that the last third has at the least. */
const STEADY = 0.75;
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

/** Looks every ten seconds until the time is over; now and then a campaign follows the last one, and a debtor writes back. */
async function watch(fleet, ledger, campaigns) {
  const samples = [];
  const from = performance.now();
  let replies = 0;
  for (let turn = 0; turn * EVERY <= MINUTES * 60_000; turn += 1) {
    await sleep(Math.max(0, from + turn * EVERY - performance.now()));
    await campaigns.goOn();
    await ledger.read();
    const minutes = (performance.now() - from) / 60_000;
    samples.push({ minutes, ...look(fleet), messages: ledger.count });
    if (turn % REPLY === 0) replies += (await ledger.reply()) ? 1 : 0;
    if (turn % TELL === 0) say(`${minutes.toFixed(0)} of ${MINUTES} minutes, ${ledger.count} messages`);
  }
  return { samples, replies };
}

/** What is wrong in the end. */
async function problems(fleet, ledger, campaigns) {
  const found = [];
  await campaigns.stop();
  try {
    await until('every number is online', async () => (await fleet.online()) === COUNT, { within: ON_ITS_WAY });
  } catch (error) {
    if (!(error instanceof TooLate)) throw error;
    found.push(`${await fleet.online()} of ${COUNT} numbers are online`);
  }
  await ledger.read();
  if (ledger.count === 0) found.push('no message has arrived');
  if (ledger.twice > 0) found.push(`${ledger.twice} messages arrived more than once`);
  return found;
}

/** Megabytes an hour, by the straight line that is nearest to the values. */
function slope(points) {
  const middle = (values) => sum(values) / values.length;
  const [x, y] = [middle(points.map(([at]) => at)), middle(points.map(([, value]) => value))];
  return (60 * sum(points.map(([at, value]) => (at - x) * (value - y)))) / sum(points.map(([at]) => (at - x) ** 2));
}

/** Where something goes: the medians of the three thirds, and megabytes an hour over the last two. */
function trend(what, samples, value) {
  const points = samples.map((sample) => [sample.minutes, value(sample)]).filter(([, found]) => Number.isFinite(found));
  const third = Math.floor(points.length / 3);
  const parts = [points.slice(0, third), points.slice(third, -third), points.slice(-third)];
  const medians = parts.map((part) => quantile(part.map(([, found]) => found)));
  return { what, medians, slope: slope(points.slice(third)), growth: medians[2] / medians[1] - 1 };
}

const ofANumber = ({ browsers }) => {
  const running = browsers.filter((memory) => memory !== undefined);
  return sum(running) / running.length;
};

const trends = (samples) => [
  trend('browser of a number, PSS', samples, ofANumber),
  trend('all browsers, PSS', samples, ({ browsers }) => sum(browsers.map((memory) => memory ?? 0))),
  trend('server, RSS', samples, ({ server }) => server),
];

const percent = (share) => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)} %`;

/** What has grown by more than is level. */
const growing = (rows) =>
  rows.filter(({ growth }) => growth > LEVEL - 1).map(({ what, growth }) => `not level: ${what}, ${percent(growth)} in the last third`);

/** Where the sending slackened, level memory says nothing. */
function slackening(samples) {
  const third = Math.floor(samples.length / 3);
  const [begin, end] = [samples.at(third), samples.at(-third - 1)];
  const rates = [end.messages - begin.messages, samples.at(-1).messages - end.messages].map((messages) => messages / third);
  return rates[1] < rates[0] * STEADY ? ['the numbers sent much less in the last third'] : [];
}

function section({ samples, replies, restarts, rows, campaigns, wrong, ledger }) {
  const cells = rows.map(({ what, medians, slope, growth }) => [
    what,
    ...medians.map((value) => value.toFixed(1)),
    percent(growth),
    slope.toFixed(1),
  ]);
  const heads = ['memory, MB', 'first third, median', 'middle third', 'last third', 'last to middle', 'MB an hour after the first third'];
  const rate = ledger.count / (MINUTES * 60);
  return `## ${COUNT} numbers for ${MINUTES} minutes

${markdown(heads, cells)}

${ledger.count} messages of ${campaigns.count} campaigns to ${AUDIENCE * COUNT} debtors arrived, ${rate.toFixed(1)} a second, and ${replies} replies; browsers were started again ${restarts} times.
${wrong.length > 0 ? `Wrong: ${wrong.join('; ')}.` : 'Memory was level, every number was online in the end, and no message arrived twice.'}

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
  await makeDebtors(fleet, COUNT);
  const campaigns = new Campaigns(fleet);
  const ledger = new Ledger(simulator);
  const watched = await watch(fleet, ledger, campaigns);
  const rows = trends(watched.samples);
  const found = [...(await problems(fleet, ledger, campaigns)), ...growing(rows), ...slackening(watched.samples)];
  const restarts = sum((await fleet.get('/api/sessions')).items.map(({ health }) => health?.restarts ?? 0));
  writeFileSync(CHART, chart(watched.samples, COUNT));
  console.log(section({ ...watched, restarts, rows, campaigns, wrong: found, ledger }));
  return found;
});
process.exit(wrong.length > 0 ? 1 : 0);
