// The product's own bridge script in a real page of the simulator, without the product: what it tells and what it answers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { PATIENCE, fixture, startSimulator } from './simulator.mjs';

const BRIDGE = readFileSync(new URL('../../src/channel/web/bridge.js', import.meta.url), 'utf8');
const PHONE = '573000000001';
const DEBTOR = '573001234567';
const RECEIPT = fixture('receipt.png');
const NOTICE = fixture('notice.pdf');

let simulator;
let browser;
let page;
/** What the bridge has told since the page was opened, and who waits for more of it. */
let told = [];
let waiting = new Set();

before(async () => {
  simulator = await startSimulator();
  await simulator.post('phones', { phone: PHONE });
  browser = await puppeteer.launch({
    ...simulator.browser,
    userDataDir: join(simulator.folder, 'profile'),
    protocolTimeout: PATIENCE,
    timeout: PATIENCE,
  });
  await open();
  const { text } = await until((event) => event.type === 'qr');
  await simulator.post('scan', { phone: PHONE, qr: text });
  await until(isOnline);
});

beforeEach(() => simulator.post('faults', {}));

after(async () => {
  await browser?.close();
  await simulator?.stop();
});

/** Opens the page in a tab of its own, with the bridge in it or without. */
const open = async (script = BRIDGE) => {
  const next = await browser.newPage();
  await page?.close();
  page = next;
  page.setDefaultTimeout(PATIENCE);
  told = [];
  if (script) {
    await page.exposeFunction('whatsmassiveTell', (text) => {
      told.push(JSON.parse(text));
      for (const look of waiting) look();
    });
    await page.evaluateOnNewDocument(script);
  }
  await page.goto(simulator.url);
};

/** The first event of that sort, now or later. */
const until = (wanted) =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`not told in time; told was ${JSON.stringify(told)}`)), PATIENCE);
    const look = () => {
      const found = told.find(wanted);
      if (!found) return;
      clearTimeout(late);
      waiting.delete(look);
      resolve(found);
    };
    waiting.add(look);
    look();
  });

const isOnline = ({ type, snapshot }) => type === 'state' && snapshot.socket === 'CONNECTED' && snapshot.synced && snapshot.mode === 'MAIN';
const isAck = (id, ack) => (event) => event.type === 'ack' && event.id === id && event.ack === ack;
const isInbound = (id) => (event) => event.type === 'inbound' && event.id === id;

const call = (name, ...values) => page.evaluate((name, values) => window.whatsmassive.call(name, ...values), name, values);

/** What a call gives that works. */
const ok = async (name, ...values) => {
  const answer = await call(name, ...values);
  assert.ok(answer.ok, JSON.stringify(answer));
  return answer.ok;
};

/** The error of a call that does not. */
const failed = async (name, ...values) => {
  const { error } = await call(name, ...values);
  assert.ok(error, 'it worked');
  return error;
};

const keyOf = async (id, phone = DEBTOR) => (await ok('address', phone, id)).key;

const mediaOf = (kind, mime, name, content) => ({ kind, mime, name, base64: content.toString('base64') });
const receipt = mediaOf('image', 'image/png', 'receipt.png', RECEIPT.content);

const lastInLedger = async () => (await simulator.get('ledger')).messages.at(-1);

const reply = async (body, media) => (await simulator.post('inbound', { from: DEBTOR, to: PHONE, body, media })).id;

test('sends a picture, an audio file and a document, each once', async () => {
  const audio = Buffer.from('ID3 as far as anybody looks');
  for (const [id, media, content, expected] of [
    ['3EB0AA01', receipt, RECEIPT.content, { kind: 'image', mime: 'image/png', name: null }],
    ['3EB0AA02', mediaOf('audio', 'audio/mpeg', 'a.mp3', audio), audio, { kind: 'audio', mime: 'audio/mpeg', name: null }],
    ['3EB0AA03', mediaOf('document', 'application/pdf', 'Aviso nº 1.pdf', NOTICE.content), NOTICE.content,
      { kind: 'document', mime: 'application/pdf', name: 'Aviso nº 1.pdf' }],
    ['3EB0AA04', mediaOf('document', 'image/png', 'as it is.png', RECEIPT.content), RECEIPT.content,
      { kind: 'document', mime: 'image/png', name: 'as it is.png' }],
  ]) {
    const key = await keyOf(id);
    assert.deepEqual(await ok('send', key, `Hola, ${id}`, media), { ack: 0 });
    await until(isAck(id, 3));
    const arrived = await lastInLedger();
    assert.deepEqual([arrived.id, arrived.body, arrived.media.size], [id, `Hola, ${id}`, content.length]);
    const { kind, mime, name, sha256 } = arrived.media;
    assert.deepEqual({ kind, mime, name }, expected);
    if (content === RECEIPT.content) assert.equal(sha256, RECEIPT.sha256);
    // A message that is there is not sent again.
    assert.deepEqual(await ok('send', key, 'again', media), { ack: 3 });
    assert.equal((await lastInLedger()).repeats, 0);
  }
});

test('says that nothing has left when the file is refused', async () => {
  const { messages } = await simulator.get('ledger');
  const key = await keyOf('3EB0BB01');
  await simulator.post('faults', { media_error: true });
  assert.equal((await failed('send', key, '', receipt)).code, 'media_refused');
  const broken = mediaOf('image', 'image/png', 'broken.png', Buffer.from('no picture'));
  assert.equal((await failed('send', key, '', broken)).code, 'media_refused');
  assert.deepEqual(await ok('find', key), { ack: null });
  assert.equal((await simulator.get('ledger')).messages.length, messages.length);
  await simulator.post('faults', {});
  assert.deepEqual(await ok('send', key, '', receipt), { ack: 0 });
  await until(isAck('3EB0BB01', 1));
});

test('tells of texts and files that come, and fetches the files', async () => {
  const text = await until(isInbound(await reply('Ya pagué')));
  assert.deepEqual([text.phone, text.body, text.media], [DEBTOR, 'Ya pagué', null]);
  assert.equal((await failed('fetchMedia', text.key)).code, 'no_media');
  assert.equal((await failed('fetchMedia', `false_${DEBTOR}@c.us_3ANOTHING`)).code, 'message_not_found');

  for (const [body, media, expected] of [
    ['El recibo', mediaOf('image', 'image/png', null, RECEIPT.content), { kind: 'image', mime: 'image/png', name: null }],
    ['', mediaOf('sticker', 'image/png', null, RECEIPT.content), { kind: 'image', mime: 'image/png', name: null }],
    ['', mediaOf('ptt', 'audio/ogg', null, Buffer.from('OggS')), { kind: 'audio', mime: 'audio/ogg', name: null }],
    ['', mediaOf('document', 'application/pdf', 'pago.pdf', NOTICE.content), { kind: 'document', mime: 'application/pdf', name: 'pago.pdf' }],
  ]) {
    const event = await until(isInbound(await reply(body, media)));
    const size = Buffer.from(media.base64, 'base64').length;
    assert.deepEqual([event.body, event.media], [body, { ...expected, size }]);
    const { mime, name } = expected;
    assert.deepEqual(await ok('fetchMedia', event.key), { mime, name, size, base64: media.base64 });
  }
});

test('says why a file is not fetched', async () => {
  const gone = await until(isInbound(await reply('', { ...receipt, name: null })));
  await simulator.post('faults', { media_gone: true });
  assert.equal((await failed('fetchMedia', gone.key)).code, 'media_gone');
  await simulator.post('faults', {});
  assert.equal((await ok('fetchMedia', gone.key)).base64, receipt.base64);

  const zip = mediaOf('document', 'application/zip', 'all.zip', Buffer.alloc((16 << 20) + 1));
  const large = await until(isInbound(await reply('', zip)));
  assert.equal((await failed('fetchMedia', large.key)).code, 'media_too_large');
});

test('tells once the key to a message is there what it says', async () => {
  await page.evaluate((from) => {
    const { Msg } = window.require('WAWebCollections');
    const record = { key: `false_${from}@c.us_3ALATE`, from: `${from}@c.us`, to: from, t: Date.now() / 1000, ack: 1, type: 'ciphertext' };
    const message = Msg.add(Msg.modelClass.fromRecord(record, true));
    message.set({ body: 'PARE', type: 'chat' });
  }, DEBTOR);
  assert.equal((await until(isInbound('3ALATE'))).body, 'PARE');
});

test('tells what came while nobody listened, once and in order', async () => {
  await open(null);
  await page.waitForFunction(() => window.require('WAWebStreamModel').Stream.mode === 'MAIN');
  const ids = [];
  for (const body of ['uno', 'dos', 'tres']) {
    const id = await reply(body);
    ids.push(id);
    await page.waitForFunction((id) => window.require('WAWebCollections').Msg.getModelsArray().some((one) => one.id.id === id), {}, id);
  }
  // The page has stored them: the simulator does not tell them again.
  await open();
  await until(isInbound(ids.at(-1)));
  const bodies = told.filter((event) => ids.includes(event.id)).map((event) => event.body);
  assert.deepEqual(bodies, ['uno', 'dos', 'tres']);

  await page.evaluate(async (id) => {
    const chat = window.require('WAWebCollections').Chat.get(id);
    await window.require('WAWebUpdateUnreadChatAction').sendSeen({ chat });
    // Answers only when what was written before is on disk.
    await window.Simulated.client.storage.unread();
  }, `${DEBTOR}@c.us`);
  await open();
  await until(isAck('3EB0AA01', 3));
  const news = await until(isInbound(await reply('cuatro')));
  assert.deepEqual(told.filter((event) => event.type === 'inbound'), [news], 'what somebody has read is not told again');
});

/** As many messages as the page keeps in memory, and some, read long ago. */
const fill = () =>
  page.evaluate((to) => {
    const { Msg } = window.require('WAWebCollections');
    for (let number = 0; number < 600; number += 1) {
      const record = { key: `true_${to}_3EB0FF${number}`, from: to, to, t: 1, ack: 3, body: '' };
      Msg.add(Msg.modelClass.fromRecord(record, false));
    }
  }, `${DEBTOR}@c.us`);

const isInMemory = (key) => page.evaluate((key) => Boolean(window.require('WAWebCollections').Msg.get(key)), key);

test('finds a message that is not in memory any more, and does not send it again', async () => {
  const key = await keyOf('3EB0EE01');
  await ok('send', key, 'Hola');
  await until(isAck('3EB0EE01', 3));
  const received = await until(isInbound(await reply('El recibo', { ...receipt, name: null })));
  await fill();
  assert.deepEqual([await isInMemory(key), await isInMemory(received.key)], [false, false]);
  assert.deepEqual(await ok('find', key), { ack: 3, key });
  assert.deepEqual(await ok('send', key, 'Hola'), { ack: 3 });
  assert.equal((await lastInLedger()).repeats, 0);
  assert.equal((await ok('fetchMedia', received.key)).base64, receipt.base64);
  assert.deepEqual(await ok('find', key.replace('EE01', 'EE99')), { ack: null });
});

test('keeps what a receipt may come for in memory, and asks for it when the page comes back', async () => {
  await simulator.post('faults', { lose_answer: 1 });
  const key = await keyOf('3EB0EE02');
  await ok('send', key, 'Hola');
  const isRead = async () => (await lastInLedger()).id === '3EB0EE02' && (await lastInLedger()).ack === 3;
  while (!(await isRead()));
  await fill();
  assert.equal(await isInMemory(key), true);
  await open();
  await until(isAck('3EB0EE02', 3));
});

test('asks once whether somebody is on WhatsApp, and never keeps an error', async () => {
  const [member, stranger, unknown] = ['573009000001', '573009000002', '573009000003'];
  await simulator.post('faults', { not_on_whatsapp: [stranger] });
  await keyOf('3EB0CC01', member);
  assert.equal((await failed('address', stranger, '3EB0CC02')).code, 'not_on_whatsapp');
  await simulator.post('faults', { exists_error: true });
  assert.equal((await failed('address', unknown, '3EB0CC03')).code, 'page_error');
  await keyOf('3EB0CC01', member);
  assert.equal((await failed('address', stranger, '3EB0CC02')).code, 'not_on_whatsapp');
  await simulator.post('faults', {});
  await keyOf('3EB0CC03', unknown);
});

test('still sends texts when a module for files is missing', async () => {
  await simulator.post('faults', { missing_modules: ['WAWebMediaMmsV4Upload'] });
  await open();
  const { snapshot } = await until((event) => isOnline(event) && event.snapshot.media_missing.length > 0);
  assert.deepEqual([snapshot.missing, snapshot.media_missing], [[], ['WAWebMediaMmsV4Upload']]);
  const refused = await failed('send', await keyOf('3EB0DD01'), '', receipt);
  assert.deepEqual(refused, { code: 'media_refused', message: 'WAWebMediaMmsV4Upload is missing' });
  assert.deepEqual(await ok('send', await keyOf('3EB0DD02'), 'Hola'), { ack: 0 });
  await until(isAck('3EB0DD02', 1));
});
