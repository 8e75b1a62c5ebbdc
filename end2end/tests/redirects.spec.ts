/** An answer that says where to go next, as a hole in the server or in front of it could: nobody goes there (T06, FE-10). */
import { type IncomingHttpHeaders, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Page, type Request } from '@playwright/test';
import { AccountPage, expect, password, test } from './fixtures';

const TARGETS = ['https://evil.example/', '//evil.example/', "javascript:window.ran='address'", 'data:text/html,gone'];

/** What the page was made to load, other than its own calls. */
function watchNavigations(page: Page): string[] {
  const loaded: string[] = [];
  page.on('request', (request: Request) => {
    if (request.isNavigationRequest()) loaded.push(request.url());
  });
  return loaded;
}

/** As Leptos' own redirects look: the answer itself is whole. */
async function answerWithRedirect(page: Page, path: string, target: string): Promise<void> {
  await page.route(`**${path}`, async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), location: target, serverfnredirect: '1' };
    await route.fulfill({ response, headers });
  });
}

for (const target of TARGETS) {
  test(`a call that answers with ${target} leads nowhere`, async ({ page, email, signUp, homePage, accountPage, navigation }) => {
    await signUp();
    await homePage.open();
    await navigation.showsSignedIn(email);
    await answerWithRedirect(page, '/api/account', target);
    const loaded = watchNavigations(page);

    const answered = page.waitForResponse('**/api/account');
    await navigation.address(email).click();
    await answered;

    await expect(accountPage.heading).toBeVisible();
    await expect(page.getByRole('main')).toContainText(email);
    await expect(page).toHaveURL(AccountPage.path);
    expect(loaded, 'FE-10').toEqual([]);
    expect(await page.evaluate(() => (window as { ran?: string }).ran), 'FE-10').toBeUndefined();
  });
}

test('a sign-in that answers with another site leads to the account', async ({ page, member, signInPage, navigation, origin }) => {
  await answerWithRedirect(page, '/api/sign_in', TARGETS[0]);
  await signInPage.open();
  const loaded = watchNavigations(page);

  await signInPage.signIn(member, password);

  await navigation.showsSignedIn(member);
  await expect(page).toHaveURL(AccountPage.path);
  for (const url of loaded) expect(new URL(url).origin, 'FE-10').toBe(origin);
});

test('a sign-in that is redirected to another site is not sent there', async ({ page, watch, member, signInPage, navigation }) => {
  watch.allow(/Content Security Policy|violation: connect-src|Failed to load resource|Fetch API cannot load/);
  // The browser names the request, and then stops it.
  watch.allow(/^request: https:\/\/evil\.example\/$/);
  await page.route('**/api/sign_in', (route) => route.fulfill({ status: 307, headers: { location: TARGETS[0] } }));
  await signInPage.open();

  await signInPage.signIn(member, password);

  await expect(page.getByRole('alert')).toBeVisible();
  expect(watch.violations(), 'FE-10').toContain('connect-src');
  await navigation.showsSignedOut();
});

test('a call that is redirected to another site takes no proof there', async ({ page, watch, email, signUp, homePage, navigation }) => {
  watch.allow(/Content Security Policy|violation: connect-src|Failed to load resource|Fetch API cannot load/);
  const elsewhere = await listen();
  watch.allow(new RegExp(`^request: ${elsewhere.origin}/$`));
  await signUp();
  await homePage.open();
  await navigation.showsSignedIn(email);
  await page.route('**/api/account', (route) => route.fulfill({ status: 307, headers: { location: `${elsewhere.origin}/` } }));

  await navigation.address(email).click();

  await expect(page.getByRole('alert')).toBeVisible();
  // It does hear whoever comes.
  await fetch(elsewhere.origin, { headers: { authorization: 'ours' } });
  await elsewhere.stop();
  const proofs = elsewhere.heard.flatMap(({ authorization, dpop, cookie }) => [authorization, dpop, cookie]);
  expect(proofs.filter((proof) => proof !== undefined), 'RT-13').toEqual(['ours']);
});

/** A server on another site, which lets every page read it and keeps the head of all that comes. */
async function listen(): Promise<{ origin: string; heard: IncomingHttpHeaders[]; stop: () => Promise<void> }> {
  const heard: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    heard.push(request.headers);
    const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'authorization, dpop, content-type' };
    response.writeHead(200, headers).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((stopped) => server.close(stopped));
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard, stop };
}
