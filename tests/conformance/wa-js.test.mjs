// wa-js, unmodified, injected as its README says: auth code, linking, a text and a file with ids of our own, and their look-up over a
// reload.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { PATIENCE, fixture, startSimulator } from './simulator.mjs';

const LIBRARY = createRequire(import.meta.url).resolve('@wppconnect/wa-js');
const PHONE = '573000000001';
const DEBTOR = '573001234567';
const RECEIPT = fixture('receipt.png');
const FILE_ID = `true_${DEBTOR}@c.us_3EB0C0FFEE00C0FFEE01`;
const ID = `true_${DEBTOR}@c.us_3EB0C0FFEE00C0FFEE00`;

let simulator;
let browser;
let page;
const pageErrors = [];

before(async () => {
  simulator = await startSimulator();
  await simulator.post('phones', { phone: PHONE });
  browser = await puppeteer.launch({
    ...simulator.browser,
    userDataDir: join(simulator.folder, 'profile'),
    protocolTimeout: PATIENCE,
    timeout: PATIENCE,
  });
  [page] = await browser.pages();
  page.setDefaultTimeout(PATIENCE);
  page.on('pageerror', (error) => pageErrors.push(error.message));
  await page.goto('https://web.whatsapp.com/');
  await inject();
});

after(async () => {
  await browser?.close();
  await simulator?.stop();
});

const inject = async () => {
  await page.addScriptTag({ path: LIBRARY });
  await page.waitForFunction(() => window.WPP?.isFullReady);
};

/** What the library knows of the message, by its id. */
const lookUp = () =>
  page.evaluate(async (id) => {
    const message = await window.WPP.chat.getMessageById(id);
    return { id: message.id.toString(), body: message.body, ack: message.ack, to: message.to.toString() };
  }, ID);

test('links to a phone that scans its auth code', async () => {
  assert.equal(await page.evaluate(() => window.WPP.conn.isAuthenticated()), false);
  const code = await page.waitForFunction(() => window.WPP.conn.getAuthCode());
  const { fullCode } = await code.jsonValue();
  await page.evaluate(() => {
    window.authenticated = new Promise((resolve) => window.WPP.once('conn.authenticated', () => resolve(true)));
  });
  await simulator.post('scan', { phone: PHONE, qr: fullCode });
  assert.equal(await page.evaluate(() => window.authenticated), true);
  await page.waitForFunction(() => window.WPP.conn.getStreamData().mode === 'MAIN');
  assert.equal(await page.evaluate(() => window.WPP.conn.isAuthenticated()), true);
  assert.equal(await page.evaluate(() => window.WPP.conn.getMyUserId().toString()), `${PHONE}@c.us`);
});

test('sends a message with an id of our own and sees it sent, delivered and read', async () => {
  await page.evaluate(() => {
    window.acks = [];
    window.WPP.on('chat.msg_ack_change', ({ ack, ids }) => window.acks.push(...ids.map((id) => ({ id: id.toString(), ack }))));
  });
  const sent = await page.evaluate(
    (to, messageId) => window.WPP.chat.sendTextMessage(to, 'Your payment is due', { messageId }),
    `${DEBTOR}@c.us`,
    ID,
  );
  assert.equal(sent.id, ID);
  assert.ok(sent.ack >= 1);
  assert.deepEqual(sent.sendMsgResult, { messageSendResult: 'OK' });
  await page.waitForFunction(() => window.acks.some(({ ack }) => ack === 3));
  assert.deepEqual(
    await page.evaluate(() => window.acks),
    [1, 2, 3].map((ack) => ({ id: ID, ack })),
  );
  const { messages } = await simulator.get('ledger');
  assert.deepEqual(
    messages.map(({ from, to, id, repeats }) => ({ from, to, id, repeats })),
    [{ from: PHONE, to: DEBTOR, id: ID.split('_')[2], repeats: 0 }],
  );
});

test('sends a picture with a caption and an id of our own', async () => {
  const sent = await page.evaluate(
    (to, content, messageId) =>
      window.WPP.chat.sendFileMessage(to, `data:image/png;base64,${content}`, { type: 'image', caption: 'Your receipt', messageId, waitForAck: true }),
    `${DEBTOR}@c.us`,
    RECEIPT.content.toString('base64'),
    FILE_ID,
  );
  assert.equal(sent.id, FILE_ID);
  assert.ok(sent.ack >= 1);
  const { messages } = await simulator.get('ledger?since=1');
  assert.deepEqual(
    messages.map(({ id, body, media }) => ({ id, body, media })),
    [
      {
        id: FILE_ID.split('_')[2],
        body: 'Your receipt',
        media: { kind: 'image', mime: 'image/png', name: null, size: RECEIPT.content.length, sha256: RECEIPT.sha256 },
      },
    ],
  );
});

test('finds the message by its id, and again after a reload', async () => {
  const expected = { id: ID, body: 'Your payment is due', ack: 3, to: `${DEBTOR}@c.us` };
  assert.deepEqual(await lookUp(), expected);
  await page.reload();
  await inject();
  await page.waitForFunction(() => window.WPP.conn.getStreamData().mode === 'MAIN');
  assert.equal(await page.evaluate(() => window.WPP.conn.isAuthenticated()), true);
  assert.deepEqual(await lookUp(), expected);
  const caption = await page.evaluate(async (id) => (await window.WPP.chat.getMessageById(id)).caption, FILE_ID);
  assert.equal(caption, 'Your receipt');
});

test('ran without an error in the page', () => {
  assert.deepEqual(pageErrors, []);
});
