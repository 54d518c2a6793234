import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from './server';
import { signIn } from './steps';

const messy = [
  'Cartera de noviembre;;;',
  'Nombre;Celular;Idioma;Asesor',
  'Ana;300 123 4501;español;Eva',
  'Luis;57573001234502;klingon;Eva',
  'José;12025550103;es;Eva',
  '"Rosa; María";3001234504;pt;Eva',
  'Omar;12;es;Eva',
].join('\r\n');

test('a messy file is understood, its phones are corrected where agreed, and what is left out can be downloaded', async ({
  demo,
  page,
}) => {
  await signIn(page, demo);
  await page.goto(`${demo.url}/debtors/import`);
  const drop = (name: string, text: string) =>
    page.locator('input[type="file"]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text, 'latin1') });
  await drop('cartera.csv', messy);
  await expect(page.getByText('Sure').first()).toBeVisible();
  await expect(page.getByText('Not known')).toBeVisible();
  await expect(page.getByTestId('forecast-good')).toHaveText('2');
  await expect(page.getByTestId('forecast-rejected')).toHaveText('3');

  // With the keyboard alone.
  const doubled = page.getByRole('switch', { name: /the country code is there twice/ });
  await expect(doubled).not.toBeChecked();
  await doubled.focus();
  await page.keyboard.press('Space');
  await expect(doubled).toBeChecked();
  await expect(page.getByTestId('forecast-good')).toHaveText('3');

  await page.getByRole('button', { name: 'Import 3 rows' }).click();
  await expect(page.getByTestId('import-inserted')).toHaveText('3');
  await expect(page.getByTestId('import-rejected')).toHaveText('2');
  await expect(page.getByText('1 phone was corrected as you agreed.')).toBeVisible();
  await expect(page.getByTestId('import-warned')).toContainText('klingon');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download 3 rows to correct' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/\.csv$/);
  const rejected = await readFile(await download.path(), 'latin1');
  expect(rejected.split('\r\n')[0]).toContain('Nombre;Celular;Idioma;Asesor;Original row');
  expect(rejected).toContain('Luis;57573001234502');

  // The next file of that shape is mapped as this one was.
  await page.getByRole('link', { name: 'Import another' }).click();
  await drop('diciembre.csv', messy);
  await expect(page.getByText(/Mapped as last time, in cartera\.csv/)).toBeVisible();
  await expect(page.getByRole('switch', { name: /the country code is there twice/ })).toBeChecked();
  await page.getByRole('button', { name: 'Use what was detected' }).click();
  await expect(page.getByRole('switch', { name: /the country code is there twice/ })).not.toBeChecked();
});

test('a sheet of a workbook is chosen', async ({ demo, page }) => {
  await signIn(page, demo);
  await page.goto(`${demo.url}/debtors/import`);
  const buffer = await readFile(join(import.meta.dirname, '../../tests/fixtures/imports/sheets-several.xlsx'));
  await page.locator('input[type="file"]').setInputFiles({ name: 'libro.xlsx', mimeType: 'application/octet-stream', buffer });
  await expect(page.getByRole('button', { name: 'Import 2 rows' })).toBeVisible();
  await page.getByRole('combobox', { name: 'Sheet' }).click();
  await page.getByRole('option', { name: 'Febrero' }).click();
  await expect(page.getByTestId('forecast-rejected')).toHaveText('1');
  await page.getByRole('button', { name: 'Import 2 rows' }).click();
  await expect(page.getByTestId('import-inserted')).toHaveText('2');
});

test('an import is found in the list, and undone while nobody was written to', async ({ demo, page }) => {
  await signIn(page, demo);
  await page.goto(`${demo.url}/debtors/import`);
  const buffer = Buffer.from('Nombre;Celular\nAna;300 123 4501\nLuis;300 123 4502\n');
  await page.locator('input[type="file"]').setInputFiles({ name: 'cartera.csv', mimeType: 'text/csv', buffer });
  await page.getByRole('button', { name: 'Import 2 rows' }).click();
  await expect(page.getByTestId('import-inserted')).toHaveText('2');

  await page.getByRole('navigation').getByRole('link', { name: 'Debtors', exact: true }).click();
  await expect(page.getByRole('link', { name: 'Ana', exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'Imports', exact: true }).click();
  const row = page.getByRole('row', { name: /cartera\.csv/ });
  await expect(row).toContainText('Stored');
  await row.getByRole('link', { name: 'cartera.csv', exact: true }).click();
  await page.getByRole('button', { name: 'Undo the import' }).click();
  const question = page.getByRole('dialog');
  await expect(question).toContainText('2 debtors that it added are deleted');
  await question.getByRole('button', { name: 'Undo the import' }).click();
  await expect(page.getByText(/^This import was undone/)).toBeVisible();
  await page.getByRole('navigation').getByRole('link', { name: 'Debtors', exact: true }).click();
  await expect(page.getByText('There are no debtors yet')).toBeVisible();
});
