// whatsapp-web.js as most people run it: see benches/peers/whatsapp-web/fleet.js.
import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import { end, family } from './processes.mjs';

const PROGRAM = fileURLToPath(new URL('../peers/whatsapp-web/fleet.js', import.meta.url));

/** A fleet of numbers, counted from 0. Emits `code` with { qr, at }, `at` in milliseconds since 1970. */
export class WhatsAppWeb extends EventEmitter {
  name = 'whatsapp-web.js';
  #simulator;
  #count;
  #child;
  #codes = new Map();
  #started = new Set();
  #ready = new Set();
  /** What went wrong when clients were started. */
  failures = [];

  constructor(simulator, count) {
    super();
    this.#simulator = simulator;
    this.#count = count;
  }

  /** The Node process and every browser's. */
  family() {
    return family(this.#child.pid, this.#simulator.folder);
  }

  async start() {
    const { executablePath, args } = this.#simulator.browser;
    // What the page at web.whatsapp.com's address needs, and nothing else: the other flags are puppeteer's own.
    const needed = args.filter((flag) => flag !== '--disable-gpu');
    for (const known of [this.#codes, this.#started, this.#ready]) known.clear();
    this.#child = fork(PROGRAM, [JSON.stringify({ count: this.#count, executablePath, args: needed })], {
      cwd: this.#simulator.folder,
      env: { ...process.env, TMPDIR: this.#simulator.folder },
    });
    this.#child.on('message', (message) => this.#hear(message));
  }

  #hear({ event, number, at, qr, error }) {
    if (event === 'code') {
      this.#codes.set(number, qr);
      this.emit('code', { qr, at });
    }
    if (event === 'started') this.#started.add(number);
    if (event === 'ready') this.#ready.add(number);
    if (event === 'disconnected') this.#ready.delete(number);
    if (event === 'failed') this.failures.push(error);
  }

  /** The code that the number shows, if it can be scanned: a client that has not started yet would miss what follows. */
  codeOf(number) {
    return this.#started.has(number) ? this.#codes.get(number) : undefined;
  }

  /** How many numbers are ready. */
  async online() {
    return this.#ready.size;
  }

  async stop() {
    if (this.#child) await end(this.#child, this.#simulator.folder, () => this.#child.connected && this.#child.send('stop'));
  }
}
