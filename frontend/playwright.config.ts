import { defineConfig } from '@playwright/test';

const root = process.getuid?.() === 0;

/** End-to-end tests drive a running server, named by `WHATSMASSIVE_URL`, in Debian's Chromium. */
export default defineConfig({
  testDir: 'e2e',
  timeout: 180_000,
  expect: { timeout: 20_000 },
  fullyParallel: false,
  workers: 1,
  forbidOnly: true,
  reporter: [['list']],
  use: {
    baseURL: process.env.WHATSMASSIVE_URL ?? 'http://127.0.0.1:8080',
    locale: 'en-US',
    viewport: { width: 1360, height: 860 },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: root ? ['--no-sandbox'] : [],
    },
  },
  projects: [{ name: 'chromium' }],
});
