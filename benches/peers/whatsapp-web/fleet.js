// Numbers the way most people run them: one Node process, a whatsapp-web.js client with LocalAuth for each, and its defaults.
//
// Forked by benches/fleet with one argument in JSON: how many clients, and how their browsers are started. Tells its parent what happens
// as { event, number, at, … }, with the milliseconds since 1970, and ends when it is told to stop or its parent is gone. Whatever it
// writes is below the working directory.
import library from 'whatsapp-web.js';

const { Client, LocalAuth } = library;
const { count, executablePath, args } = JSON.parse(process.argv[2]);
/** How often a client is started that did not come up; many browsers that start at once can be too slow for its time limits. */
const ATTEMPTS = 3;

const clients = new Map();

const tell = (event, number, more = {}) => process.connected && process.send({ event, number, at: Date.now(), ...more });

function open(number) {
  const client = new Client({
    authStrategy: new LocalAuth({ clientId: `number-${number}` }),
    puppeteer: { executablePath, args: [...args] },
  });
  client.on('qr', (qr) => tell('code', number, { qr }));
  client.on('ready', () => tell('ready', number));
  client.on('disconnected', (reason) => tell('disconnected', number, { reason }));
  clients.set(number, client);
  return client;
}

async function start(number) {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const client = open(number);
    try {
      await client.initialize();
      return tell('started', number);
    } catch (error) {
      tell('failed', number, { error: String(error?.message ?? error) });
      await client.destroy().catch(() => {});
    }
  }
}

async function stop() {
  await Promise.allSettled([...clients.values()].map((client) => client.destroy()));
  process.exit(0);
}

process.on('message', stop);
process.on('disconnect', stop);
for (let number = 0; number < count; number += 1) start(number);
