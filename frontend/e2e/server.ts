import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base } from '@playwright/test';

export { expect } from '@playwright/test';

const root = join(import.meta.dirname, '../..');

export type Message = { from: string; to: string; body: string; ack: number; repeats: number };

/** The real binary with a data folder of its own: the demo as a newcomer starts it, or an empty server. */
export class Server {
  private process: ChildProcess | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), 'whatsmassive-'));
  private log = '';

  private constructor(
    private readonly command: 'demo' | 'serve',
    readonly url: string,
    readonly simulator: string,
  ) {}

  static async start(command: 'demo' | 'serve'): Promise<Server> {
    const server = new Server(command, `http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`);
    await server.run();
    return server;
  }

  /** Starts the server and waits until it is ready. */
  async run(): Promise<void> {
    const binary = process.env.WHATSMASSIVE_BIN ?? join(root, 'target/debug/whatsmassive');
    if (!existsSync(binary)) throw new Error(`${binary} is missing: run cargo build first`);
    const args = this.command === 'demo' ? ['demo', '--listen', new URL(this.simulator).host] : ['serve'];
    this.process = spawn(binary, args, {
      cwd: this.folder,
      env: {
        ...process.env,
        DATABASE_URL: '',
        WHATSMASSIVE__SERVER__LISTEN: new URL(this.url).host,
        WHATSMASSIVE__DATA__DIR: join(this.folder, 'data'),
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.process.stderr?.on('data', (text: Buffer) => {
      this.log += text.toString();
    });
    await until(async () => (await fetch(`${this.url}/readyz`)).ok);
  }

  /** What the log says, as `pattern` finds it. */
  async logged(pattern: RegExp): Promise<string> {
    await until(() => Promise.resolve(pattern.test(this.log)));
    return pattern.exec(this.log)?.[1] ?? '';
  }

  /** Ends the server as Ctrl-C does, and waits until it is gone. */
  async interrupt(): Promise<void> {
    const running = this.process;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGINT');
    await ended;
  }

  /** Ends the server without a warning, and what it was doing with it. */
  async kill(): Promise<void> {
    const running = this.process;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await ended;
  }

  /** Every message that arrived on a debtor's phone, in order. */
  async ledger(): Promise<Message[]> {
    const answer = (await (await fetch(`${this.simulator}/control/ledger`)).json()) as { messages: Message[] };
    return answer.messages;
  }

  /** A signed-in client's cookie. */
  async signIn(): Promise<string> {
    const answer = await fetch(`${this.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'demo', password: 'demo-password' }),
    });
    return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  }

  async remove(): Promise<void> {
    await this.interrupt();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Asks again until the answer is yes. */
export async function until(reached: () => Promise<boolean>, seconds = 60): Promise<void> {
  const limit = Date.now() + seconds * 1000;
  while (!(await reached().catch(() => false))) {
    if (Date.now() > limit) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function during(command: 'demo' | 'serve', provide: (server: Server) => Promise<void>): Promise<void> {
  const server = await Server.start(command);
  await provide(server);
  await server.remove();
}

/** A server of its own for each test that asks for one. */
export const test = base.extend<{ demo: Server; empty: Server }>({
  // Playwright wants the fixtures it depends on as an object pattern, even where there are none.
  // eslint-disable-next-line no-empty-pattern
  demo: ({}, provide) => during('demo', provide),
  // eslint-disable-next-line no-empty-pattern
  empty: ({}, provide) => during('serve', provide),
});
