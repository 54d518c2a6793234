import { type Server, expect, test, until } from './server';
import { expectOnceEach, importSample, launch, makePool, scanAll, signIn } from './steps';

type Happening = { state: string; reason: string | null };

/** The campaign's messages that a filter lets through, with their histories. */
async function messages(demo: Server, cookie: string, filter: string): Promise<{ state: string; history: Happening[] }[]> {
  const answer = await fetch(`${demo.url}/api/campaigns/1/messages?limit=200&${filter}`, { headers: { cookie } });
  return ((await answer.json()) as { items: { state: string; history: Happening[] }[] }).items;
}

test('kill -9 in mid-campaign and a new start: the page shows what was in doubt and how that ended', async ({ demo, page }) => {
  test.setTimeout(300_000);
  await signIn(page, demo);
  await scanAll(page);
  await makePool(page, 'Enero', 'Whoever is free');
  await importSample(page);
  await launch(page, 'Enero', 'Enero');
  const cookie = await demo.signIn();
  await until(async () => (await demo.ledger()).length >= 10);
  do {
    await until(async () => (await messages(demo, cookie, 'state=sending')).length > 0);
    await demo.kill();
    await demo.run();
    // Whatever was on its way may have been settled in the last moment: then there was no doubt.
  } while ((await messages(demo, cookie, 'doubted=true')).length === 0);

  // No code is asked for: the numbers come back by themselves, and the campaign goes on to its end.
  await expect(page.getByText('Finished').first()).toBeVisible({ timeout: 240_000 });
  const doubted = await messages(demo, cookie, 'doubted=true');
  expect(doubted.every(({ state }) => ['sent', 'delivered', 'read'].includes(state))).toBe(true);
  await page.getByText('Were in doubt').click();
  const rows = page.getByRole('button', { name: 'What happened to the message to' });
  await expect(rows).toHaveCount(doubted.length);
  await rows.first().click();
  const story = page.getByRole('dialog');
  await expect(story.getByText('Uncertain', { exact: true })).toBeVisible();
  await expect(story.getByText('The server stopped while sending')).toBeVisible();
  expectOnceEach(await demo.ledger(), 190);
});
