import { expect, test, until } from './server';
import { importSample, phones, scanAll, signIn } from './steps';

/** The page's headings of each language: what is owed, what was promised, what happened. */
const languages = {
  es: ['Deudas', 'Promesas de pago', 'Qué ha pasado', 'A este número no se le escribe nunca'],
  pt: ['Dívidas', 'Promessas de pagamento', 'O que aconteceu', 'Nunca se escreve para este número'],
  en: ['Debts', 'Promises to pay', 'What happened', 'This number is never written to'],
};

const inAMonth = new Date(Date.now() + 30 * 24 * 3600 * 1000).toISOString().slice(0, 10);

test('a debtor is found, and their page takes notes, promises and a stop, and shows what they write', async ({ demo, page }) => {
  await signIn(page, demo);
  await scanAll(page);
  await importSample(page);
  await page.getByRole('navigation').getByRole('link', { name: 'Debtors', exact: true }).click();
  const found = page.getByRole('table').getByRole('link').first();
  const name = (await found.textContent()) ?? '';
  await page.getByRole('textbox', { name: 'Search by name, phone or reference' }).fill(name);
  await expect(page.getByRole('table').getByRole('link', { name }).first()).toBeVisible();
  await page.getByRole('table').getByRole('link', { name }).first().click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  const happened = page.getByRole('region', { name: 'What happened' });
  await expect(happened.getByText('Nothing has happened yet.')).toBeVisible();

  await page.getByRole('textbox', { name: 'Note' }).fill('Llamar el lunes');
  await page.getByRole('button', { name: 'Add note' }).click();
  await expect(happened.getByText('Llamar el lunes')).toBeVisible();

  await page.getByRole('button', { name: 'Add a debt' }).click();
  const debt = page.getByRole('dialog');
  await debt.getByLabel('Reference').fill('TC-9');
  await debt.getByLabel('Amount').fill('50000');
  await debt.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('table', { name: 'Debts' }).getByRole('row', { name: /TC-9/ })).toContainText('50,000');
  await expect(page.getByRole('table', { name: 'Debts' }).getByRole('row', { name: /^Total/ })).toBeVisible();

  // With the keyboard alone.
  await page.getByRole('button', { name: 'Add a promise' }).focus();
  await page.keyboard.press('Enter');
  const promise = page.getByRole('dialog');
  await expect(promise.getByLabel('They pay by')).toBeFocused();
  await promise.getByLabel('They pay by').fill(inAMonth);
  await promise.getByLabel('Amount').fill('50000');
  await page.keyboard.press('Enter');
  await expect(promise).toBeHidden();
  const open = page.getByRole('group', { name: /Promise of/ });
  await expect(open).toContainText('50,000');
  await open.getByRole('button', { name: 'Kept' }).click();
  await expect(page.getByText('Nothing promised that is still open.')).toBeVisible();
  await expect(happened.getByText(/Promised .*50,000.* Kept/)).toBeVisible();

  await page.getByRole('button', { name: 'Never write to them' }).click();
  const stop = page.getByRole('dialog');
  await stop.getByLabel('Reason').fill('Pidió no recibir mensajes');
  await stop.getByRole('button', { name: 'Never write to them' }).click();
  await expect(page.getByRole('alert').getByText('Pidió no recibir mensajes')).toBeVisible();

  const id = page.url().split('/').pop() ?? '';
  const cookie = await demo.signIn();
  const debtor = (await (await fetch(`${demo.url}/api/debtors/${id}`, { headers: { cookie } })).json()) as { phone: string };
  const written = await fetch(`${demo.simulator}/control/inbound`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: debtor.phone, to: phones[0], body: 'Ya pagué ayer' }),
  });
  expect(written.ok).toBe(true);
  const heard = async () => {
    const answer = await fetch(`${demo.url}/api/debtors/${id}/timeline`, { headers: { cookie } });
    return (await answer.text()).includes('Ya pagué ayer');
  };
  await until(heard);
  await page.reload();
  await expect(happened.getByText('Ya pagué ayer')).toBeVisible();

  for (const [language, headings] of Object.entries(languages)) {
    await page.evaluate((code) => localStorage.setItem('whatsmassive.language', code), language);
    await page.reload();
    for (const heading of headings) await expect(page.getByText(heading, { exact: true }).first()).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', language);
  }
});
