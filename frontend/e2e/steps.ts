import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { type Message, type Server, expect } from './server';

export const phones = ['573000000001', '573000000002', '573000000003'];

export async function signIn(page: Page, demo: Server) {
  await page.goto(demo.url);
  await page.getByRole('button', { name: 'Use the demo user' }).click();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
}

const menu = (page: Page, name: string) => page.getByRole('navigation').getByRole('link', { name, exact: true }).click();

/** Plays the phones: scans a code that the command center shows with each. */
export async function scanAll(page: Page) {
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

export async function makePool(page: Page, name: string, strategy: string) {
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
export async function importSample(page: Page) {
  await menu(page, 'Debtors');
  await page.getByRole('link', { name: 'Import', exact: true }).first().click();
  const [sample] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download a sample workbook' }).click(),
  ]);
  const buffer = await readFile(await sample.path());
  await page.locator('input[type="file"]').setInputFiles({ name: 'sample.xlsx', mimeType: 'application/octet-stream', buffer });
  await page.getByRole('button', { name: 'Import 190 rows' }).click();
  await expect(page.getByTestId('import-inserted')).toHaveText('190');
  await expect(page.getByTestId('import-rejected')).toHaveText('7');
  await expect(page.getByTestId('import-duplicates')).toHaveText('3');
}

export async function launch(page: Page, name: string, pool: string) {
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

export function expectOnceEach(ledger: Message[], count: number) {
  expect(ledger).toHaveLength(count);
  expect(new Set(ledger.map((message) => message.to)).size).toBe(count);
  expect(ledger.every((message) => message.repeats === 0)).toBe(true);
}
