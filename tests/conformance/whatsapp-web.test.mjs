// whatsapp-web.js, unmodified: links by QR code, sends texts and files, sees the receipts and replies, and is still linked after a restart.
import assert from 'node:assert/strict';
import { on, once } from 'node:events';
import { after, before, test } from 'node:test';
import library from 'whatsapp-web.js';
import { fixture, patience, startSimulator } from './simulator.mjs';

const { Client, LocalAuth, MessageMedia } = library;
const PHONE = '573000000001';
const DEBTOR = '573001234567';

const RECEIPT = fixture('receipt.png');
const NOTICE = fixture('notice.pdf');

let simulator;
let client;
/** The picture that was sent, by its id. */
let picture;

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

/** Sends, and waits until the message has been read; it has been everything else before, in order. */
const sendAndFollow = async (content, options) => {
  const receipts = on(client, 'message_ack', { signal: patience() });
  const sent = await client.sendMessage(`${DEBTOR}@c.us`, content, options);
  const acks = [];
  for await (const [message, ack] of receipts) {
    if (message.id._serialized !== sent.id._serialized) continue;
    acks.push(ack);
    if (ack === 3) break;
  }
  assert.deepEqual(acks, [1, 2, 3]);
  return sent;
};

test('sends a message and sees it sent, delivered and read', async () => {
  const sent = await sendAndFollow('Your payment is due');
  assert.equal(sent.body, 'Your payment is due');
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

test('sends a picture with a caption, and a document', async () => {
  picture = await sendAndFollow(MessageMedia.fromFilePath(RECEIPT.path), { caption: 'Your receipt' });
  assert.deepEqual([picture.type, picture.hasMedia, picture.body], ['image', true, 'Your receipt']);
  const document = await sendAndFollow(MessageMedia.fromFilePath(NOTICE.path));
  assert.deepEqual([document.type, document.hasMedia, document.body], ['document', true, '']);
  const { messages } = await simulator.get('ledger?since=1');
  assert.deepEqual(
    messages.map(({ id, body, media }) => ({ id, body, media })),
    [
      {
        id: picture.id.id,
        body: 'Your receipt',
        media: { kind: 'image', mime: 'image/png', name: null, size: RECEIPT.content.length, sha256: RECEIPT.sha256 },
      },
      {
        id: document.id.id,
        body: '',
        media: { kind: 'document', mime: 'application/pdf', name: 'notice.pdf', size: NOTICE.content.length, sha256: NOTICE.sha256 },
      },
    ],
  );
});

test('receives a picture and downloads it', async () => {
  const arrived = once(client, 'message', { signal: patience() });
  const base64 = RECEIPT.content.toString('base64');
  const media = { kind: 'image', mime: 'image/png', base64 };
  const { id } = await simulator.post('inbound', { from: DEBTOR, to: PHONE, body: 'I have paid', media });
  const [message] = await arrived;
  assert.deepEqual([message.id.id, message.type, message.hasMedia, message.body], [id, 'image', true, 'I have paid']);
  const { data, mimetype, filesize } = await message.downloadMedia();
  assert.deepEqual([mimetype, filesize, data], ['image/png', RECEIPT.content.length, base64]);
});

test('sees an upload refused, and a file that is gone', async () => {
  await simulator.post('faults', { media_error: true, media_gone: true });
  await assert.rejects(client.sendMessage(`${DEBTOR}@c.us`, MessageMedia.fromFilePath(NOTICE.path)));
  assert.equal(await picture.downloadMedia(), undefined);
  const { messages } = await simulator.get('ledger');
  assert.equal(messages.length, 3);
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
  const again = await client.getMessageById(picture.id._serialized);
  assert.deepEqual([again.body, (await again.downloadMedia()).data], ['Your receipt', RECEIPT.content.toString('base64')]);
});
