import { expect, test, until } from './server';
import { expectOnceEach, importSample, launch, makePool, phones, scanAll, signIn } from './steps';

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

  // Paused, its limit changes, and it goes on.
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  await expect(page.getByRole('combobox', { name: 'Template' })).toBeDisabled();
  await page.getByRole('textbox', { name: 'Pause at errors' }).fill('60');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Resume' }).click();
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
  await expect(page.getByText(/no column is yet: phone/i)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Import', exact: true })).toBeDisabled();
  await page.goto(`${demo.url}/debtors/import`);
  await drop('empty.csv', '');
  await expect(page.getByRole('alert')).toContainText(/empty|no rows/i);
  await page.goto(`${demo.url}/templates`);
  await expect(page.getByText('Recordatorio de pago').first()).toBeVisible();
});
