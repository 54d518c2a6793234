import { expect, test } from './server';
import { signIn } from './steps';

const first =
  'Nombre;Celular;Contrato;Saldo\nAna;300 123 4501;TC-1;480.000\nLuis;300 123 4502;TC-2;250.000\nEva;300 123 4503;TC-3;90.000\n';
const second =
  'Nombre;Celular;Contrato;Saldo\nAna Ruiz;300 123 4501;TC-1;500.000\nLuis;300 123 4502;TC-2;260.000\n' +
  'Eva;300 123 4503;TC-3;90.000\nEva;300 123 4503;TC-9;10.000\nRosa;300 123 4504;TC-4;70.000\n';

test('rows of those who are known are shown before they are stored, and a person decides on each', async ({ demo, page }) => {
  await signIn(page, demo);
  const drop = async (name: string, text: string) => {
    await page.goto(`${demo.url}/debtors/import`);
    await page.locator('input[type="file"]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  };
  await drop('noviembre.csv', first);
  await expect(page.getByTestId('forecast-inserted')).toHaveText('3');
  await expect(page.getByText('No row would change anything of those already here.')).toBeVisible();
  await page.getByRole('button', { name: 'Import 3 rows' }).click();
  await expect(page.getByTestId('import-inserted')).toHaveText('3');

  await drop('diciembre.csv', second);
  await expect(page.getByTestId('known-differing')).toHaveText('2 rows say something else than is known:');
  for (const [name, number] of Object.entries({ inserted: '1', updated: '2', debts_added: '1', unchanged: '1' })) {
    await expect(page.getByTestId(`forecast-${name}`)).toHaveText(number);
  }
  const changes = page.getByRole('table', { name: 'What would change' });
  await expect(changes.getByTestId('differs-2')).toContainText('Ana → Ana Ruiz');
  await expect(changes.getByTestId('differs-2')).toContainText(/480,000.* → .*500,000/);
  await expect(changes.getByRole('checkbox')).toHaveCount(0);

  await page.getByRole('radio', { name: 'Decide row by row' }).check();
  const luis = changes.getByRole('checkbox', { name: 'Update Luis (row 3)' });
  await expect(luis).not.toBeChecked();
  // With the keyboard alone.
  await luis.focus();
  await page.keyboard.press('Space');
  await expect(luis).toBeChecked();
  await page.getByRole('button', { name: 'Import 5 rows' }).click();
  await expect(page.getByTestId('import-inserted')).toHaveText('1');
  await expect(page.getByTestId('import-updated')).toHaveText('1');
  await expect(page.getByTestId('import-debts_added')).toHaveText('1');
  await page.getByRole('link', { name: 'See the debtors' }).click();
  await page.getByRole('navigation').getByRole('link', { name: 'Debtors', exact: true }).click();
  await expect(page.getByRole('link', { name: 'Ana', exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'Luis', exact: true }).click();
  await expect(page.getByRole('table', { name: 'Debts' })).toContainText('260,000');
  const happened = page.getByRole('region', { name: 'What happened' });
  await expect(happened).toContainText('Changed by the import of diciembre.csv');

  // The next file of the shape asks again; how it is mapped can be forgotten.
  await drop('enero.csv', second);
  await expect(page.getByRole('radio', { name: 'Decide row by row' })).toBeChecked();
  await page.goto(`${demo.url}/debtors/imports`);
  const saved = page.getByRole('region', { name: 'Saved mappings' });
  await expect(saved.getByTestId('import-profile')).toContainText('celular → Phone');
  await saved.getByRole('button', { name: 'Forget the mapping of diciembre.csv' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
  await expect(saved.getByTestId('import-profile')).toHaveCount(0);
  await drop('febrero.csv', second);
  await expect(page.getByRole('radio', { name: 'Update them' })).toBeChecked();
});
