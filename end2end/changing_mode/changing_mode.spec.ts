/** Somebody is signed in while the server is built for the other mode and started again. */
import { type BrowserContext, type Page, expect, request, test } from '@playwright/test';
import type { Mode } from '../mode';
import { AccountPage } from '../pages/AccountPage';
import { Navigation } from '../pages/Navigation';
import { SignUpPage } from '../pages/SignUpPage';
import { hydrated } from '../pages/hydrated';
import { type Build, type Place, newPlace, serve } from '../server';

const EMAIL = 'ada@example.org';
const PASSWORD = 'quiet harbour under seven lamps';
const EXCHANGE = '/api/refresh/exchange';
const COOKIE: Record<Mode, string> = { session: '__Host-session', jwt: '__Secure-refresh' };

const builds: Record<Mode, Build> = {
  session: { binary: given('SESSION_SERVER'), siteRoot: given('SESSION_SITE_ROOT') },
  jwt: { binary: given('JWT_SERVER'), siteRoot: given('JWT_SITE_ROOT') },
};

let place: Place;
let stop: () => Promise<void>;

test.beforeEach(async () => {
  place = await newPlace();
});

test.afterEach(async () => {
  await stop();
  place.remove();
});

for (const [before, after] of [['session', 'jwt'], ['jwt', 'session']] as const) {
  test(`whoever signed in with ${before} is signed in with ${after}`, async ({ page, context }) => {
    await signedUpWith(before, page);
    const calls = exchangesIn(context);

    await changeTo(after);
    await page.goto(place.origin + AccountPage.path);

    await new AccountPage(page).shows(EMAIL, after);
    await new Navigation(page).showsSignedIn(EMAIL);
    expect(new URL(page.url()).pathname).toBe(AccountPage.path);
    await leftWith(after, page);
    await page.reload();
    await new AccountPage(page).shows(EMAIL, after);
    expect(calls, 'one exchange for good').toHaveLength(1);
  });

  test(`three tabs from ${before} to ${after} all end signed in`, async ({ page, context }) => {
    await signedUpWith(before, page);
    const tabs = [page, await context.newPage(), await context.newPage()];
    for (const tab of tabs) await tab.goto('about:blank');

    await changeTo(after);
    await Promise.all(tabs.map((tab) => tab.goto(place.origin + AccountPage.path)));

    for (const tab of tabs) await new AccountPage(tab).shows(EMAIL, after);
    await leftWith(after, page);
  });

  test(`there and back again from ${before} is the same sign-in`, async ({ page }) => {
    await signedUpWith(before, page);

    for (const mode of [after, before, after]) {
      await changeTo(mode);
      await page.goto(place.origin + AccountPage.path);
      await new AccountPage(page).shows(EMAIL, mode);
    }
    await page.goto(`${place.origin}/account/devices`);
    await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(1);
  });

  test(`a server that cannot exchange ${before} for the moment signs nobody out`, async ({ page, context }) => {
    await signedUpWith(before, page);
    await changeTo(after);

    await context.route(`**${EXCHANGE}`, (route) => route.fulfill({ status: 503, json: { error: 'unavailable' } }));
    await page.goto(place.origin + AccountPage.path);
    await expect(page.getByRole('alert')).toContainText('not available');
    await context.unroute(`**${EXCHANGE}`);
    await page.goto(place.origin + AccountPage.path);

    await new AccountPage(page).shows(EMAIL, after);
  });

  test(`a sign-in with ${before} that has ended is asked about once`, async ({ page, context }) => {
    await signedUpWith(before, page);
    await changeTo(after);
    const calls = exchangesIn(context);
    await context.addCookies([{ ...(await cookieOf(before, context)), value: 'A'.repeat(22) }]);

    await page.goto(`${place.origin}/sign-in`);
    await hydrated(page);
    await new Navigation(page).showsSignedOut();
    await page.reload();
    await hydrated(page);
    await new Navigation(page).showsSignedOut();

    expect(calls, 'no loop').toHaveLength(1);
    expect(await page.evaluate(() => ({ ...window.localStorage }))).toEqual({});
  });
}

test('a copy of all that jwt left is worth nothing to another browser, and the owner stays', async ({ page, context }) => {
  await signedUpWith('jwt', page);
  const sid = await page.evaluate(() => {
    const kept = JSON.parse(localStorage.getItem('twofold.access_token') ?? '') as { token: string };
    return (JSON.parse(atob((kept.token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))) as { sid: string }).sid;
  });
  const thief = await request.newContext({ baseURL: place.origin, storageState: await context.storageState() });
  await changeTo('session');

  const stolen = await thief.post(EXCHANGE, { headers: { 'Sec-Fetch-Site': 'same-origin' }, form: { sid } });
  await page.goto(place.origin + AccountPage.path);

  expect(stolen.status(), 'RT-15').toBe(401);
  await new AccountPage(page).shows(EMAIL, 'session');
  await thief.dispose();
});

for (const garbage of ['\n漢', 'x', 'x'.repeat(10_000)]) {
  test(`garbage where the name of a renewal should be changes nothing (${JSON.stringify(garbage.slice(0, 4))}…)`, async ({ page }) => {
    await signedUpWith('jwt', page);
    await page.evaluate((name) => localStorage.setItem('twofold.renewal', name), garbage);

    await changeTo('session');
    await page.goto(place.origin + AccountPage.path);

    await new AccountPage(page).shows(EMAIL, 'session');
  });
}

test('a stranger asks for no exchange', async ({ page, context }) => {
  const calls = exchangesIn(context);

  for (const mode of ['session', 'jwt'] as const) {
    if (mode === 'session') stop = await serve(builds[mode], place);
    else await changeTo(mode);
    await page.goto(place.origin);
    await hydrated(page);
    await new Navigation(page).showsSignedOut();
  }

  expect(calls).toEqual([]);
});

function given(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} has to name a build: bin/test keeps both and sets it.`);
  return value;
}

async function signedUpWith(mode: Mode, page: Page): Promise<void> {
  stop = await serve(builds[mode], place);
  await page.goto(`${place.origin}/sign-up`);
  await hydrated(page);
  await new SignUpPage(page).signUp(EMAIL, PASSWORD);
  await new AccountPage(page).shows(EMAIL, mode);
}

async function changeTo(mode: Mode): Promise<void> {
  await stop();
  stop = await serve(builds[mode], place);
}

function exchangesIn(context: BrowserContext): string[] {
  const calls: string[] = [];
  context.on('request', (request) => {
    if (new URL(request.url()).pathname === EXCHANGE) calls.push(request.method());
  });
  return calls;
}

async function cookieOf(mode: Mode, context: BrowserContext) {
  const cookie = (await context.cookies()).find(({ name }) => name === COOKIE[mode]);
  if (!cookie) throw new Error(`there is no ${COOKIE[mode]}`);
  return cookie;
}

/** The browser has this mode's proof, and nothing of the other's. */
async function leftWith(mode: Mode, page: Page): Promise<void> {
  const names = async () => (await page.context().cookies()).map(({ name }) => name).filter((name) => name !== '__Host-device');
  await expect.poll(names, 'the cookie jar').toEqual([COOKIE[mode]]);
  const entries = () => page.evaluate(() => Object.entries(window.localStorage).map(([key, value]) => [key, value.split(' ')[0]]));
  if (mode === 'jwt') await expect.poll(async () => (await entries()).map(([key]) => key)).toEqual(['twofold.access_token']);
  // A mark for tabs on their way; a page that is loaded a minute later takes it out.
  else await expect.poll(entries, 'localStorage').toEqual([['twofold.access_token', 'exchanged']]);
}
