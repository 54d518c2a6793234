import { expect, test } from './server';

test('the first admin is made with the code from the log, and signs out and in again', async ({ empty, page }) => {
  await page.goto(empty.url);
  await page.getByLabel('Setup code').fill('WRONG-CODE');
  await page.getByLabel('Your name').fill('Ana');
  await page.getByLabel('Username').fill('ana');
  await page.getByRole('textbox', { name: 'Password' }).fill('a long password');
  await page.getByRole('button', { name: 'Create the administrator and enter' }).click();
  await expect(page.getByRole('alert').nth(1)).toBeVisible();

  await page.getByLabel('Setup code').fill(await empty.logged(/setup code: (\S+)/));
  await page.getByRole('button', { name: 'Create the administrator and enter' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();

  await page.getByRole('button', { name: 'Your account' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('Username').fill('ANA');
  await page.getByRole('textbox', { name: 'Password' }).fill('a long password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
});
