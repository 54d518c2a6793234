// whatsapp-web.js, unmodified: links by QR code, sends, sees the receipts and a reply, and is still linked after a restart.
import assert from 'node:assert/strict';
import { on, once } from 'node:events';
import { after, before, test } from 'node:test';
import library from 'whatsapp-web.js';
import { patience, startSimulator } from './simulator.mjs';

const { Client, LocalAuth } = library;
const PHONE = '573000000001';
const DEBTOR = '573001234567';

let simulator;
let client;

before(async () => {
  simulator = await startSimulator();
  await simulator.post('phones', { phone: PHONE });
});

after(async () => {
  await client?.destroy();
  await simulator?.stop();
});

const open = () =>
  new Client({
    authStrategy: new LocalAuth({ dataPath: simulator.folder }),
    puppeteer: simulator.browser,
    // Its cache would write into the working directory.
    webVersionCache: { type: 'none' },
  });

test('links to a phone that scans its QR code', async () => {
  client = open();
  const shown = once(client, 'qr', { signal: patience() });
  const ready = once(client, 'ready', { signal: patience() });
  // Scanned once it has started: it misses what happens before.
  const [[qr]] = await Promise.all([shown, client.initialize()]);
  await simulator.post('scan', { phone: PHONE, qr });
  await ready;
  assert.equal(client.info.wid._serialized, `${PHONE}@c.us`);
});

test('sends a message and sees it sent, delivered and read', async () => {
  const receipts = on(client, 'message_ack', { signal: patience() });
  const sent = await client.sendMessage(`${DEBTOR}@c.us`, 'Your payment is due');
  assert.equal(sent.body, 'Your payment is due');
  const acks = [];
  for await (const [message, ack] of receipts) {
    if (message.id._serialized === sent.id._serialized) acks.push(ack);
    if (ack === 3) break;
  }
  assert.deepEqual(acks, [1, 2, 3]);
  const { messages } = await simulator.get('ledger');
  assert.deepEqual(
    messages.map(({ from, to, id, body, repeats }) => ({ from, to, id, body, repeats })),
    [{ from: PHONE, to: DEBTOR, id: sent.id.id, body: 'Your payment is due', repeats: 0 }],
  );
});

test('receives a reply, in a chat that is unread until it is seen', async () => {
  const arrived = once(client, 'message', { signal: patience() });
  const { id } = await simulator.post('inbound', { from: DEBTOR, to: PHONE, body: 'I will pay on Friday' });
  const [message] = await arrived;
  assert.equal(message.id.id, id);
  assert.equal(message.from, `${DEBTOR}@c.us`);
  assert.equal(message.body, 'I will pay on Friday');
  const chat = () => client.getChatById(message.from);
  assert.equal((await chat()).unreadCount, 1);
  await client.sendSeen(message.from);
  assert.equal((await chat()).unreadCount, 0);
});

test('is ready again on the same profile without a QR code', async () => {
  await client.destroy();
  // It takes a page that has loaded before it listens for one that still loads, and is then never ready.
  await simulator.post('faults', { sync_ms: 10_000 });
  client = open();
  const ready = once(client, 'ready', { signal: patience() });
  const asked = once(client, 'qr').then(() => assert.fail('it shows a QR code'));
  await Promise.all([client.initialize(), Promise.race([ready, asked])]);
  assert.equal(client.info.wid._serialized, `${PHONE}@c.us`);
});
