/**
 * One suite for both builds of the browser app: `MODE=session` (the default) or `MODE=jwt`.
 *
 * `TWOFOLD_SERVER=<binary>` starts that server on a free port with an empty database (`server.ts`).
 * Without it the suite talks to `BASE_URL`, by default the server of `cargo leptos end-to-end`.
 */
import { defineConfig, type ReporterDescription } from '@playwright/test';
import { launchOptions } from './browser';
import { mode } from './mode';

const reporter: ReporterDescription[] = [['list']];
if (process.env.PLAYWRIGHT_JSON) reporter.push(['json', { outputFile: process.env.PLAYWRIGHT_JSON }]);

export default defineConfig({
  testDir: './tests',
  outputDir: './test-results/traces',
  globalSetup: './server.ts',
  reporter,
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  workers: 2,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  projects: [{ name: mode }],
  use: {
    baseURL: process.env.BASE_URL ?? 'http://localhost:3000',
    browserName: 'chromium',
    launchOptions,
    locale: 'en-GB',
    trace: 'retain-on-failure',
  },
});
