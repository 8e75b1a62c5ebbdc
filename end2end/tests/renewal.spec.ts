/** Token mode: how the client attaches the access token, and how it gets a new one. */
import type { Page, Request, Route } from '@playwright/test';
import { AccountPage, HomePage, Navigation, expect, mode, test } from './fixtures';
import { GARBAGE, isCall, isRenewal, storeExpiredToken, storeText, storedToken } from './proof';

test.skip(mode !== 'jwt', 'A cookie session has no token to attach or to renew.');

test('every server function call after the sign-in carries the token', async ({ page, email, signUp, accountPage, navigation }) => {
  await signUp();
  const calls: Request[] = [];
  page.on('request', (request) => isCall(request) && calls.push(request));

  await accountPage.open();
  await accountPage.shows(email, mode);
  await navigation.home.click();
  await navigation.signOut();
  await navigation.showsSignedOut();

  expect(calls.length).toBeGreaterThan(0);
  for (const call of calls) {
    expect((await call.allHeaders()).authorization, call.url()).toMatch(/^DPoP [\w-]+\.[\w-]+\.[\w-]+$/);
  }
});

test('an expired token is renewed without anybody noticing', async ({ page, watch, email, signUp, accountPage }) => {
  watch.allowRefusalBy('/api/');
  await signUp();
  await storeExpiredToken(page);
  const old = await storedToken(page);

  await accountPage.open();

  await accountPage.shows(email, mode);
  expect(await storedToken(page)).not.toBe(old);
});

test('an expired token that cannot be renewed means signed out', async ({ page, context, watch, signUp, signInPage, navigation }) => {
  watch.allowRefusalBy('/api/');
  await signUp();
  await storeExpiredToken(page);
  await context.clearCookies();

  await page.goto(AccountPage.path);

  await expect(signInPage.heading).toBeVisible();
  await navigation.showsSignedOut();
});

test('garbage beside a good refresh cookie is renewed, or means signed out', async ({ page, watch, email, signUp, navigation }) => {
  watch.allowRefusalBy('/api/');
  await signUp();

  for (const garbage of GARBAGE) {
    await storeText(page, garbage);
    await page.reload();
    await expect(navigation.address(email).or(navigation.signIn), garbage).toBeVisible();
  }
});

test('a call that is refused once is renewed once and repeated once', async ({ page, watch, email, signUp, accountPage }) => {
  watch.allowRefusalBy('/api/');
  await signUp();
  const seen = await spoilCalls(page, { times: 1 });

  await accountPage.open();

  await accountPage.shows(email, mode);
  const spoiled = seen.calls[0];
  expect(seen.renewals).toBe(1);
  expect(seen.calls.filter((path) => path === spoiled).length).toBe(2);
});

test('a call that is refused again ends in signed out, not in a loop', async ({ page, watch, signUp, signInPage, navigation }) => {
  watch.allowRefusalBy('/api/');
  await signUp();
  const seen = await spoilCalls(page, { times: Infinity });

  await page.goto(AccountPage.path);

  await expect(signInPage.heading.or(navigation.signIn).first()).toBeVisible();
  expect(seen.renewals, 'JW-22').toBeLessThanOrEqual(2);
  expect(seen.calls.length, 'JW-22').toBeLessThanOrEqual(4);
});

test('a renewal that fails for the moment signs nobody out', async ({ page, watch, email, signUp, accountPage }) => {
  watch.allow(/status of 503 .*\/api\/refresh/);
  await signUp();
  await storeExpiredToken(page);
  const kept = await storedToken(page);
  const unavailable = { status: 503, contentType: 'application/json', body: '{"error":"unavailable"}' };
  await page.route('**/api/refresh', (route) => route.fulfill(unavailable));

  await page.goto(AccountPage.path);
  await expect(page.getByRole('alert')).toContainText('not available for the moment');
  expect(await storedToken(page)).toBe(kept);
  await page.unroute('**/api/refresh');
  await accountPage.open();

  await accountPage.shows(email, mode);
});

test('five tabs that find an expired token stay signed in', async ({ page, context, watch, email, signUp }) => {
  watch.allowRefusalBy('/api/');
  await signUp();
  await storeExpiredToken(page);
  const tabs = await Promise.all(Array.from({ length: 5 }, () => context.newPage()));

  await Promise.all(tabs.map((tab) => tab.goto(HomePage.path)));

  for (const tab of tabs) await new Navigation(tab).showsSignedIn(email);
  await page.reload();
  await new Navigation(page).showsSignedIn(email);
});

/** Swaps the token of the first calls for a bad one, so that the real server answers a real 401. */
async function spoilCalls(page: Page, { times }: { times: number }): Promise<{ calls: string[]; renewals: number }> {
  const seen = { calls: [] as string[], renewals: 0 };
  let left = times;
  await page.route('**/api/**', async (route: Route, request: Request) => {
    if (isRenewal(request)) seen.renewals += 1;
    if (!isCall(request) || !request.headers().authorization) return route.continue();
    seen.calls.push(new URL(request.url()).pathname);
    if (left-- <= 0) return route.continue();
    return route.continue({ headers: { ...request.headers(), authorization: 'Bearer spoiled' } });
  });
  return seen;
}
