/**
 * The stories that need both builds: the one is stopped and the other started in its place, on the same database.
 * `SESSION_SERVER`, `SESSION_SITE_ROOT`, `JWT_SERVER` and `JWT_SITE_ROOT` say where they are; `bin/test` keeps both.
 */
import { defineConfig } from '@playwright/test';
import { launchOptions } from './browser';

export default defineConfig({
  testDir: './changing_mode',
  outputDir: './test-results/changing-mode',
  reporter: [['list']],
  forbidOnly: Boolean(process.env.CI),
  workers: 1,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  use: { browserName: 'chromium', launchOptions, locale: 'en-GB', trace: 'retain-on-failure' },
});
