/** Token mode: of several tabs one renews, no tab waits for a dead one, and no clock matters. */
import { type BrowserContext, type Page, type Route, request } from '@playwright/test';
import { HomePage, Navigation, SignInPage, comeBackTo, expect, mode, password, test } from './fixtures';
import { ACCESS_TOKEN_KEY, expectNoProofLeft, isRenewal, storeExpiredToken, storedEntries, storedToken } from './proof';

test.skip(mode !== 'jwt', 'A cookie session has nothing to renew.');

/** The name of the lock, as in `auth/jwt/renewal_lock.rs`, and how long a tab waits for it. */
const LOCK = 'twofold.renewal';
const PATIENCE_MS = 5_000;

test('three tabs that find an expired token renew it once', async ({ page, context, watch, email, signUp }) => {
  watch.allowRefusalBy('/api/');
  await signUp();
  await storeExpiredToken(page);
  const renewals = countRenewals(context);

  const tabs = await openTabs(context, 3);

  for (const tab of tabs) await new Navigation(tab).showsSignedIn(email);
  expect(renewals(), 'RT-12').toBe(1);
});

test('a renewal leaves nothing but the new token behind', async ({ page, watch, email, signUp }) => {
  watch.allowRefusalBy('/api/');
  await signUp();
  await storeExpiredToken(page);
  const old = await storedToken(page);

  await page.reload();
  await new Navigation(page).showsSignedIn(email);

  expect(await storedToken(page)).not.toBe(old);
  expect(Object.keys(await storedEntries(page)), 'PR-04').toEqual([ACCESS_TOKEN_KEY]);
});

test('a tab that holds the lock and hangs delays the others for seconds only', async ({ page, context, watch, email, signUp }) => {
  watch.allowRefusalBy('/api/');
  await signUp();
  await storeExpiredToken(page);
  await holdLockForEver(page);
  const renewals = countRenewals(context);
  const started = Date.now();

  const [tab] = await openTabs(context, 1);
  await expect.poll(renewals, { timeout: 4 * PATIENCE_MS }).toBe(1);
  const waited = Date.now() - started;

  await new Navigation(tab as Page).showsSignedIn(email);
  expect(waited, 'it waited for its turn').toBeGreaterThan(PATIENCE_MS - 500);
  expect(waited, 'and then went on without').toBeLessThan(2 * PATIENCE_MS);
});

test('an answer that is lost is asked for again by the same name', async ({ page, context, watch, email, signUp }) => {
  watch.allowRefusalBy('/api/');
  watch.allow(/Failed to load resource: net::ERR_FAILED .*\/api\/refresh/);
  await signUp();
  await storeExpiredToken(page);
  const names: (string | undefined)[] = [];
  context.on('request', (request) => isRenewal(request) && names.push(request.headers()['idempotency-key']));
  await loseAnswer(page);
  await page.reload();

  await new Navigation(page).showsSignedIn(email);
  expect(names.length).toBe(2);
  expect(names[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(names[1]).toBe(names[0]);
});

test('a thief who was given the lost answer and went on is found out', async ({ page, context, watch, signUp }) => {
  watch.allowRefusalBy('/api/');
  watch.allow(/Failed to load resource: net::ERR_FAILED .*\/api\/refresh/);
  watch.allow(/status of 409 .*\/api\/refresh/);
  // A browser that keeps no key: with one, the thief would not get anything (bound_token.spec.ts).
  await context.addInitScript(() => Object.defineProperty(window, 'indexedDB', { value: undefined }));
  await signUp();
  await storeExpiredToken(page);
  const thief = await request.newContext({ baseURL: new URL(page.url()).origin, storageState: await context.storageState() });
  const renew = () => thief.post('/api/refresh', { headers: { 'Sec-Fetch-Site': 'same-origin' }, form: {} });
  await loseAnswer(page, async () => {
    expect((await renew()).status()).toBe(200);
    expect((await renew()).status()).toBe(200);
  });
  await page.reload();

  await new Navigation(page).showsSignedOut();
  expect((await renew()).status(), 'the thief has lost it as well').toBe(401);
  await expectNoProofLeft(page);
  await thief.dispose();
});

test('a refusal signs out every tab, once', async ({ page, context, watch, email, signUp }) => {
  watch.allowRefusalBy('/api/');
  await signUp();
  const tabs = await openTabs(context, 2);
  for (const tab of tabs) await new Navigation(tab).showsSignedIn(email);
  await context.clearCookies();
  await storeExpiredToken(page);
  const renewals = countRenewals(context);

  await page.goto('/account');

  await expect(new SignInPage(page).heading).toBeVisible();
  for (const tab of [page, ...tabs]) await new Navigation(tab).showsSignedOut();
  await expectNoProofLeft(page);
  expect(renewals(), 'no loop').toBeLessThanOrEqual(1);
});

for (const [clock, hours] of [['an hour slow', -1], ['an hour fast', 1]] as const) {
  test(`a browser whose clock is ${clock} stays signed in and renews only when it must`, async ({ page, context, email, signUp }) => {
    await page.clock.install({ time: Date.now() + hours * 3_600_000 });
    await signUp();
    const renewals = countRenewals(context);

    await page.reload();
    await new Navigation(page).showsSignedIn(email);
    expect(renewals(), 'a fresh token is fresh by any clock').toBe(0);

    await page.clock.fastForward('04:40');
    await page.reload();
    await new Navigation(page).showsSignedIn(email);
    expect(renewals()).toBe(1);
  });
}

// The server's day is the simulator's (`tests/refresh_simulator`).
test('a laptop that slept for a day renews once, and not once a tab', async ({ page, context, member, signInPage }) => {
  await context.clock.install();
  await signInPage.open();
  await signInPage.signInAndKeep(member, password);
  await new Navigation(page).showsSignedIn(member);
  const tabs = [page, ...(await openTabs(context, 2))];
  for (const tab of tabs) await new Navigation(tab).showsSignedIn(member);
  const old = await storedToken(page);
  const renewals = countRenewals(context);

  await context.clock.fastForward('24:00:00');
  await Promise.all(tabs.map(comeBackTo));

  await expect.poll(() => storedToken(page)).not.toBe(old);
  for (const tab of tabs) await new Navigation(tab).showsSignedIn(member);
  expect(renewals()).toBe(1);
});

test('a browser without locks renews in several tabs and stays signed in', async ({ page, context, watch, email, signUp }) => {
  watch.allowRefusalBy('/api/');
  await context.addInitScript(() => Object.defineProperty(navigator, 'locks', { value: undefined }));
  await signUp();
  await storeExpiredToken(page);
  const renewals = countRenewals(context);

  const tabs = await openTabs(context, 3);

  for (const tab of tabs) await new Navigation(tab).showsSignedIn(email);
  expect(renewals()).toBeGreaterThan(0);
  await tabs[0]?.reload();
  await new Navigation(tabs[0] as Page).showsSignedIn(email);
});

async function openTabs(context: BrowserContext, number: number): Promise<Page[]> {
  const tabs = await Promise.all(Array.from({ length: number }, () => context.newPage()));
  await Promise.all(tabs.map((tab) => tab.goto(HomePage.path)));
  return tabs;
}

/** The server spends the token, and neither the cookie nor the body of its answer arrives; `meanwhile` happens in between. */
async function loseAnswer(page: Page, meanwhile = async () => {}): Promise<void> {
  const context = page.context();
  const before = await context.cookies();
  const lose = async (route: Route) => {
    await route.fetch();
    await meanwhile();
    await context.clearCookies();
    await context.addCookies(before);
    await route.abort();
  };
  await page.route('**/api/refresh', lose, { times: 1 });
  await page.goto(HomePage.path);
  // A first visit, and on a busy machine a slow one.
  await expect(page.getByRole('alert')).toContainText('could not be reached', { timeout: 30_000 });
}

/** Counts from now on, in all tabs. */
function countRenewals(context: BrowserContext): () => number {
  let number = 0;
  context.on('request', (request) => {
    if (isRenewal(request)) number += 1;
  });
  return () => number;
}

/** What a tab does that was frozen in the middle of a renewal. */
async function holdLockForEver(page: Page): Promise<void> {
  await page.evaluate(
    (name) => new Promise<void>((held) => {
      void navigator.locks.request(name, () => {
        held();
        return new Promise(() => {});
      });
    }),
    LOCK,
  );
}
