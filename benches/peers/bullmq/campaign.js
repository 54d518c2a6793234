// A campaign the way queue-based senders run it: one BullMQ job per debtor, a worker, and a log in PostgreSQL that has each message's state.
// The channel does nothing, and every message is delivered and read at once.
//
// node campaign.js REDIS_PORT POSTGRES_URL DEBTORS: prints one line of JSON with the seconds of the launch and of the run and the peak of
// the process's memory in megabytes.
import { randomBytes } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';

const [port, url, count] = process.argv.slice(2);
const debtors = Number(count);
const connection = new Redis({ host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null });
const CONCURRENCY = 500;
const CHUNK = 1000;

const pool = new pg.Pool({ connectionString: url, max: 10 });
await pool.query(`
  CREATE TABLE message_log (
    id BIGSERIAL PRIMARY KEY, debtor_id BIGINT NOT NULL, phone TEXT NOT NULL, body TEXT NOT NULL,
    session_id BIGINT NOT NULL, wire_id TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL, sent_at TIMESTAMPTZ, delivered_at TIMESTAMPTZ, read_at TIMESTAMPTZ
  );
  CREATE INDEX message_log_by_debtor ON message_log (debtor_id);
  CREATE INDEX message_log_by_state ON message_log (state)`);

async function send(job) {
  const { debtor, phone, name } = job.data;
  const wireId = `3EB0${randomBytes(9).toString('hex').toUpperCase()}`;
  const written = await pool.query({
    name: 'claim',
    text: `INSERT INTO message_log (debtor_id, phone, body, session_id, wire_id, state, created_at)
           VALUES ($1, $2, $3, $4, $5, 'sending', now()) RETURNING id`,
    values: [debtor, phone, `Hola ${name}`, (debtor % CONCURRENCY) + 1, wireId],
  });
  const id = written.rows[0].id;
  await pool.query({ name: 'sent', text: `UPDATE message_log SET state = 'sent', sent_at = now() WHERE id = $1`, values: [id] });
  await pool.query({
    name: 'delivered',
    text: `UPDATE message_log SET state = 'delivered', delivered_at = now() WHERE id = $1`,
    values: [id],
  });
  await pool.query({ name: 'read', text: `UPDATE message_log SET state = 'read', read_at = now() WHERE id = $1`, values: [id] });
}

const queue = new Queue('campaign', { connection });
const launchedFrom = performance.now();
for (let first = 1; first <= debtors; first += CHUNK) {
  const size = Math.min(CHUNK, debtors - first + 1);
  await queue.addBulk(
    Array.from({ length: size }, (_, index) => {
      const debtor = first + index;
      const data = { debtor, phone: `5731${String(debtor).padStart(8, '0')}`, name: `Debtor ${debtor}` };
      return { name: 'send', data, opts: { attempts: 3, backoff: { type: 'exponential', delay: 5000 }, removeOnComplete: true } };
    }),
  );
}
const runFrom = performance.now();
let done = 0;
await new Promise((resolve, reject) => {
  const worker = new Worker('campaign', send, { connection, concurrency: CONCURRENCY });
  worker.on('completed', () => ++done === debtors && resolve());
  worker.on('failed', (_, error) => reject(error));
  worker.on('error', reject);
});
const ended = performance.now();
const { rows } = await pool.query(`SELECT count(*) FROM message_log WHERE state = 'read'`);
if (Number(rows[0].count) !== debtors) throw new Error(`${rows[0].count} of ${debtors} were read`);
console.log(
  JSON.stringify({
    launch: (runFrom - launchedFrom) / 1000,
    run: (ended - runFrom) / 1000,
    memory: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
process.exit(0);
