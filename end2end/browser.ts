/** Which Chromium runs the suite, and how it is started. */
import { existsSync } from 'node:fs';
import { chromium, type LaunchOptions } from '@playwright/test';

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** `CHROMIUM_PATH` first, then Playwright's own browser, then one that the system has. */
function executablePath(): string | undefined {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  if (existsSync(chromium.executablePath())) return undefined;
  return INSTALLED.find((path) => existsSync(path));
}

export const launchOptions: LaunchOptions = {
  executablePath: executablePath(),
  // Chromium's own sandbox does not start as root, nor in most containers.
  chromiumSandbox: false,
  args: [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

/** Playwright turns the back/forward cache off. People have it on, and it keeps whole pages alive. */
export const withBackForwardCache: LaunchOptions = {
  ...launchOptions,
  ignoreDefaultArgs: ['--disable-back-forward-cache'],
};
