// What the tests stand on: a simulator, a front that passes for https://web.whatsapp.com, and a browser that goes nowhere else.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { generate } from 'selfsigned';

/** The longest any single wait may take, in milliseconds; generous, since the machine may be busy. */
export const PATIENCE = 90_000;

/** Ends a wait that has become too long. */
export const patience = () => AbortSignal.timeout(PATIENCE);

/** A file to send. */
export const fixture = (name) => {
  const path = fileURLToPath(new URL(`../fixtures/media/${name}`, import.meta.url));
  const content = readFileSync(path);
  return { path, content, sha256: createHash('sha256').update(content).digest('hex') };
};

/** Starts the simulator and its front. */
export async function startSimulator() {
  const folder = await mkdtemp(join(tmpdir(), 'whatsmassive-conformance-'));
  const binary = process.env.WHATSMASSIVE_BIN ?? fileURLToPath(new URL('../../target/debug/whatsmassive', import.meta.url));
  const running = spawn(binary, ['simulate', '--listen', '127.0.0.1:0'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(running, 'exit');
  const [line] = await Promise.race([
    once(createInterface(running.stdout), 'line', { signal: patience() }),
    ended.then(([code]) => assert.fail(`the simulator ended at once, with ${code}`)),
  ]);
  const url = new URL(line.match(/http:\S+\//)[0]);
  const front = await listen(url.port);

  const request = async (path, options) => {
    const answer = await fetch(new URL(`control/${path}`, url), { signal: patience(), ...options });
    const body = await answer.json();
    assert.ok(answer.ok, `${path}: ${answer.status} ${JSON.stringify(body)}`);
    return body;
  };

  return {
    /** A place for profiles; gone when the simulator stops. */
    folder,
    /** Where the page is without the front. */
    url: url.href,
    /** The control API: `post` does something to the world, `get` asks about it. */
    post: (path, body) => request(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    get: (path) => request(path),
    /** How a browser is started that has the simulator for web.whatsapp.com, and nothing else of the world. */
    browser: {
      executablePath: chromium(),
      args: [
        `--host-resolver-rules=MAP web.whatsapp.com 127.0.0.1:${front.address().port}, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1`,
        '--ignore-certificate-errors',
        '--disable-gpu',
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ],
    },
    stop: async () => {
      front.close();
      running.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Takes TLS off and passes every byte on, so that web sockets come through as well. */
async function listen(port) {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'web.whatsapp.com' }]);
  const front = createServer({ key, cert }, (outside) => {
    const inside = connect(port, '127.0.0.1');
    outside.pipe(inside).pipe(outside);
    // Whichever side goes takes the other with it.
    outside.on('error', () => inside.destroy()).on('close', () => inside.destroy());
    inside.on('error', () => outside.destroy()).on('close', () => outside.destroy());
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening', { signal: patience() });
  return front;
}

/** The first Chromium on the path. */
export function chromium() {
  const places = ['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) =>
    process.env.PATH.split(delimiter).map((folder) => join(folder, name)),
  );
  const found = places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  return found ?? assert.fail('there is no Chromium on the path');
}
