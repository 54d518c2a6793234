import { io } from 'socket.io-client';
import { expect, test, until } from './server';

test('a socket without a sign-in is refused; one with it gets a code within a second of the page', async ({ demo, page }) => {
  const stranger = io(demo.url, { reconnection: false, transports: ['websocket'] });
  const refused = await new Promise<string>((resolve) => {
    stranger.once('connect_error', (error) => resolve(error.message));
    stranger.once('connect', () => resolve('connected'));
  });
  stranger.close();
  expect(refused).not.toBe('connected');

  const cookie = await demo.signIn();
  const seen = new Map<string, number>();
  const socket = io(demo.url, { transports: ['websocket'], extraHeaders: { cookie } });
  socket.on('session.qr', (event: { qr: string | null }) => event.qr && seen.set(event.qr, Date.now()));
  await until(async () => seen.size >= 3);
  const [name, value] = cookie.split('=');
  await page.context().addCookies([{ name: name ?? '', value: value ?? '', url: demo.url }]);
  await page.goto(`${demo.url}/sessions`);
  // A code that is new while the page is open, so that both are told of it.
  const before = new Set(seen.keys());
  await until(async () => [...seen.keys()].some((qr) => !before.has(qr)), 90);
  await expect(page.getByTestId('qr-image').first()).toBeVisible();
  const malformed = await socket.timeout(5000).emitWithAck('campaign.watch', { campaign_id: 'x' });
  expect(malformed).toHaveProperty('error');
  socket.close();
});
