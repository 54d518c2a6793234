// WhatsMassive as it is run: the release binary as a server on SQLite, asked over HTTP and heard over Socket.IO.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import { end, family } from './processes.mjs';
import { until } from './waiting.mjs';

/** The binary that is measured, and that simulates WhatsApp. */
process.env.WHATSMASSIVE_BIN ??= fileURLToPath(new URL('../../target/release/whatsmassive', import.meta.url));

/** Lines of the log that are kept for the case that the server ends too soon. */
const LOG = 40;

/** A fleet of numbers, counted from 0. Emits `code` with { qr, at }, `at` in milliseconds since 1970. */
export class WhatsMassive extends EventEmitter {
  name = 'WhatsMassive';
  /** Settings besides the defaults, as the environment has them. */
  settings = {};
  #simulator;
  #numbers;
  #child;
  #url;
  #cookie = '';
  #socket;
  /** Ids of the sessions in the order of the numbers. */
  sessions = [];
  #codes = new Map();

  /** `session` is what the API is told of each session besides its name. */
  constructor(simulator, count, session = {}) {
    super();
    this.#simulator = simulator;
    this.#numbers = Array.from({ length: count }, (_, number) => ({ name: `Number ${number}`, ...session }));
  }

  /** The server's process and every browser's. */
  family() {
    return family(this.#child.pid, this.#simulator.folder);
  }

  /** Starts the server; the first time it gets a user and its sessions. */
  async start() {
    const { code } = await this.#run();
    if (this.sessions.length > 0) return;
    const admin = { code, username: 'ana', name: 'Ana', password: 'a long password' };
    await this.post('/api/setup', admin);
    await this.#listen();
    for (const session of this.#numbers) this.sessions.push((await this.post('/api/sessions', session)).id);
  }

  /** Runs the server until it is ready. Gives the setup code, where it has no user yet. */
  async #run() {
    this.#child = spawn(process.env.WHATSMASSIVE_BIN, ['serve'], {
      cwd: this.#simulator.folder,
      env: {
        ...process.env,
        DATABASE_URL: '',
        NO_COLOR: '1',
        TMPDIR: this.#simulator.folder,
        WHATSMASSIVE__SERVER__LISTEN: '127.0.0.1:0',
        WHATSMASSIVE__DATA__DIR: join(this.#simulator.folder, 'data'),
        WHATSMASSIVE__WEB__URL: this.#simulator.url,
        ...this.settings,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const log = [];
    let code;
    createInterface(this.#child.stderr).on('line', (line) => {
      log.push(line);
      if (log.length > LOG) log.shift();
      code = line.match(/setup code: (\S+)/)?.[1] ?? code;
      this.#url = line.match(/WhatsMassive at (http:\S+)/)?.[1] ?? this.#url;
    });
    this.#url = undefined;
    await until('the server listens', () => {
      assert.equal(this.#child.exitCode, null, `the server has ended:\n${log.join('\n')}`);
      return this.#url;
    });
    await until('the server is ready', async () => (await fetch(`${this.#url}/readyz`)).ok);
    return { code };
  }

  /** Hears of codes as the command center does. */
  async #listen() {
    this.#socket = io(this.#url, { extraHeaders: { cookie: this.#cookie } });
    this.#socket.on('session.qr', ({ session_id: session, qr }) => {
      const at = Date.now();
      this.#codes.set(session, qr ?? undefined);
      if (qr) this.emit('code', { qr, at });
    });
    await once(this.#socket, 'connect');
  }

  /** The code that the number shows, if it can be scanned. */
  codeOf(number) {
    return this.#codes.get(this.sessions[number]);
  }

  /** How many numbers are online. */
  async online() {
    return (await this.get('/api/sessions')).items.filter(({ status }) => status === 'online').length;
  }

  async stop() {
    this.#socket?.close();
    if (this.#child) await end(this.#child, this.#simulator.folder);
  }

  get = (path) => this.#ask('GET', path);
  post = (path, body = {}) => this.#ask('POST', path, body);
  put = (path, body) => this.#ask('PUT', path, body);

  async #ask(method, path, body) {
    const answer = await fetch(this.#url + path, {
      method,
      headers: { cookie: this.#cookie, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    const [cookie] = answer.headers.getSetCookie();
    if (cookie) [this.#cookie] = cookie.split(';');
    return text ? JSON.parse(text) : undefined;
  }
}

/** How many numbers share a browser, where they do. */
export const PER_BROWSER = 8;

/** The same with numbers that share browsers. */
export class WhatsMassiveShared extends WhatsMassive {
  name = `WhatsMassive, ${PER_BROWSER} to a browser`;
  settings = { WHATSMASSIVE__WEB__NUMBERS_PER_BROWSER: String(PER_BROWSER) };
}
