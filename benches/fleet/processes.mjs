// What processes use, as the kernel tells in /proc, and an end to all of them.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const TICKS_A_SECOND = Number(execFileSync('getconf', ['CLK_TCK']));
/** How long processes may take to end by themselves, in milliseconds; then they are killed. */
const END = 40_000;

/** What the file says; nothing, once the process is gone. */
function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(error.code)) return '';
    throw error;
  }
}

function look(pid) {
  const text = read(pid, 'stat');
  if (!text) return undefined;
  // The name may hold spaces and brackets: the other fields are behind its last bracket.
  const [state, parent, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // A pid is given to another process after its owner's end; with the time of its start it stands for one.
  return { pid, state, parent: Number(parent), ticks: Number(rest[9]) + Number(rest[10]), started: rest[17] };
}

const isSame = (a, b) => a?.pid === b?.pid && a?.started === b?.started;

/** Every process that descends from the first, which comes first, and every one that names the folder, as a browser does its profile. */
export function family(head, folder) {
  const everybody = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => look(Number(name)))
    .filter(Boolean);
  const members = everybody.filter(({ pid }) => pid === head);
  const strays = everybody.filter(({ pid }) => pid !== head && read(pid, 'cmdline').includes(folder));
  members.push(...strays);
  for (const member of members) {
    members.push(...everybody.filter((process) => process.parent === member.pid && !members.includes(process)));
  }
  return members;
}

/** The processes by the profile that their browser has, as `profile` reads it from a command line. */
export function browsers(members, profile) {
  const heads = members.filter(({ pid }) => profile(read(pid, 'cmdline')) && !read(pid, 'cmdline').includes('--type='));
  return new Map(heads.map((head) => [profile(read(head.pid, 'cmdline')), descendants(head, members)]));
}

function descendants(head, members) {
  const found = [head];
  for (const process of found) found.push(...members.filter(({ parent }) => parent === process.pid));
  return found;
}

const inMegabytes = (members, kilobytes) => members.reduce((sum, { pid }) => sum + kilobytes(pid), 0) / 1024;

const field = (pid, file, name) => {
  const value = read(pid, file).match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))?.[1];
  return value === undefined ? undefined : Number(value);
};

/** Memory of the processes in megabytes: their own, and of what they share with others their share (PSS). */
export const proportional = (members) => inMegabytes(members, (pid) => field(pid, 'smaps_rollup', 'Pss') ?? own(pid));

/** Of a process in a sandbox the kernel tells only root what it shares: then it is what it has for itself. */
const own = (pid) => field(pid, 'status', 'RssAnon') ?? 0;

/** Memory that is resident, in megabytes, whoever shares it (RSS). */
export const resident = (members) => inMegabytes(members, (pid) => field(pid, 'status', 'VmRSS') ?? 0);

/** Seconds of processor time between two looks at a family. */
export function processorTime(before, after) {
  const spent = after.map((now) => now.ticks - (before.find((then) => isSame(then, now))?.ticks ?? 0));
  return spent.reduce((sum, ticks) => sum + ticks, 0) / TICKS_A_SECOND;
}

/** Ends a child as `ask` does, and whatever of its family outlives it. */
export async function end(child, folder, ask = () => child.kill('SIGTERM')) {
  const runs = child.exitCode === null && child.signalCode === null;
  // Once it has ended, its pid may be somebody else's.
  const members = family(runs ? child.pid : undefined, folder);
  const ended = runs ? once(child, 'exit') : undefined;
  if (runs) {
    ask();
    await Promise.race([ended, sleep(END, undefined, { ref: false })]);
  }
  for (const member of [...members, ...family(undefined, folder)]) {
    if (isSame(look(member.pid), member)) kill(member.pid);
  }
  await ended;
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
