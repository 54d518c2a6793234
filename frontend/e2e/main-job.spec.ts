import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { type Server, type Message, expect, test, until } from './server';

const phones = ['573000000001', '573000000002', '573000000003'];

async function signIn(page: Page, demo: Server) {
  await page.goto(demo.url);
  await page.getByRole('button', { name: 'Use the demo user' }).click();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
}

const menu = (page: Page, name: string) => page.getByRole('navigation').getByRole('link', { name, exact: true }).click();

/** Plays the phones: scans a code that the command center shows with each. */
async function scanAll(page: Page) {
  await menu(page, 'Numbers');
  await expect(page.getByTestId('qr-image')).toHaveCount(phones.length);
  const [phone] = await Promise.all([page.waitForEvent('popup'), page.getByRole('link', { name: 'Open the simulated phone' }).click()]);
  for (const number of phones) {
    await phone.getByTestId(`phone-${number}`).getByTestId('scan').click();
    await phone.getByTestId('qr-choice').first().click();
    await expect(phone.getByTestId(`phone-${number}`).getByTestId('linked')).toBeVisible();
  }
  await expect(page.locator('article[data-status="online"]')).toHaveCount(phones.length);
  return phone;
}

async function makePool(page: Page, name: string, strategy: string) {
  await menu(page, 'Pools');
  await page.getByRole('button', { name: 'Create pool' }).first().click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Name').first().fill(name);
  await form.getByRole('radio', { name: strategy }).click();
  const add = form.getByRole('combobox', { name: 'Add numbers' });
  for (const number of [1, 2, 3]) {
    await add.fill(`Cobranzas ${number}`);
    await page.getByRole('option', { name: `Cobranzas ${number}` }).click();
  }
  await form.getByRole('button', { name: 'Create' }).click();
  await expect(form).toBeHidden();
}

/** Imports the sample workbook as a newcomer does, from the link on the page. */
async function importSample(page: Page) {
  await menu(page, 'Debtors');
  await page
    .getByRole('link', { name: /import/i })
    .first()
    .click();
  const [sample] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download a sample workbook' }).click(),
  ]);
  const buffer = await readFile(await sample.path());
  await page.locator('input[type="file"]').setInputFiles({ name: 'sample.xlsx', mimeType: 'application/octet-stream', buffer });
  await page.getByRole('button', { name: 'Import 200 rows' }).click();
  await expect(page.getByTestId('import-inserted')).toHaveText('190');
  await expect(page.getByTestId('import-rejected')).toHaveText('7');
  await expect(page.getByTestId('import-duplicates')).toHaveText('3');
}

async function launch(page: Page, name: string, pool: string) {
  await menu(page, 'Campaigns');
  await page.getByRole('link', { name: 'New campaign' }).first().click();
  await page.getByLabel('Name').fill(name);
  await page.getByRole('combobox', { name: 'Pool' }).click();
  await page.getByRole('option', { name: pool }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('combobox', { name: 'Template' }).click();
  await page.getByRole('option', { name: 'Recordatorio de pago' }).click();
  await page.getByRole('button', { name: 'Launch' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

function expectOnceEach(ledger: Message[], count: number) {
  expect(ledger).toHaveLength(count);
  expect(new Set(ledger.map((message) => message.to)).size).toBe(count);
  expect(ledger.every((message) => message.repeats === 0)).toBe(true);
}

test('a newcomer links three numbers, imports the sample and launches; everybody gets one message', async ({ demo, page }) => {
  test.setTimeout(300_000);
  const reloads: string[] = [];
  await signIn(page, demo);
  page.on('load', () => reloads.push(page.url()));
  const phone = await scanAll(page);
  await makePool(page, 'Mora temprana', 'Whoever is free');
  await importSample(page);
  await launch(page, 'Noviembre', 'Mora temprana');

  // Progress shows while it sends, without a reload.
  await until(async () => (await demo.ledger()).length >= 40);
  await expect(page.getByText('Running').first()).toBeVisible();
  if (process.env.WHATSMASSIVE_PICTURE) await page.screenshot({ path: process.env.WHATSMASSIVE_PICTURE });
  await expect(page.getByText('Finished').first()).toBeVisible({ timeout: 180_000 });
  await expect(page.getByTestId('count-read')).toHaveText('190', { timeout: 30_000 });
  expect(reloads).toEqual([]);

  const ledger = await demo.ledger();
  expectOnceEach(ledger, 190);
  for (const number of phones) {
    const share = ledger.filter((message) => message.from === number).length;
    expect(share).toBeGreaterThan(30);
  }
  await expect(phone.getByTestId('arrived').first()).toContainText('le recordamos');
});

test('Ctrl-C in mid-campaign and a new start: no code is asked for and nobody gets a second message', async ({ demo, page }) => {
  test.setTimeout(300_000);
  await signIn(page, demo);
  await scanAll(page);
  await makePool(page, 'Turnos', 'Fixed turns');
  await importSample(page);
  await launch(page, 'Diciembre', 'Turnos');
  await until(async () => (await demo.ledger()).length >= 20);
  await demo.interrupt();
  await demo.run();
  const held = (await demo.ledger()).length;
  expect(held).toBeLessThan(190);

  // The page notices by itself that the server is back, and the campaign goes on.
  await expect(page.getByText('Finished').first()).toBeVisible({ timeout: 240_000 });
  const ledger = await demo.ledger();
  expectOnceEach(ledger, 190);
  // Strict turns: whoever sent the first three goes on in that order.
  const order = ledger.slice(0, held).map((message) => message.from);
  const turn = order.slice(0, 3);
  expect(new Set(turn).size).toBe(3);
  expect(order).toEqual(order.map((_, place) => turn[place % 3]));
});

test('bad files and bad campaigns are refused in words, in the language of the page', async ({ demo, page }) => {
  await signIn(page, demo);
  await page.goto(`${demo.url}/debtors/import`);
  const drop = (name: string, text: string) =>
    page.locator('input[type="file"]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await drop('no-phones.csv', 'Nombre;Ciudad\nAna;Bogotá\n');
  await expect(page.getByRole('alert')).toContainText(/phone/i);
  await drop('empty.csv', '');
  await expect(page.getByRole('alert')).toContainText(/empty|no rows/i);
  await page.goto(`${demo.url}/templates`);
  await expect(page.getByText('Recordatorio de pago').first()).toBeVisible();
});
