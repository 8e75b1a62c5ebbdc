/** The steps of the article, one test each. Both flows have the same steps; only the proof differs. */
import { AccountPage, expect, freshEmail, mode, password, signUpIn, test } from './fixtures';
import { claimsOf, cookieRules, isCall, proofCookie, storeToken, storedEntries, storedToken } from './proof';

test('the client submits the credentials in the body of one request', async ({ page, member, signInPage, navigation }) => {
  // What a page hands to fetch, because the browser's own tools do not show every kind of body.
  await page.addInitScript(() => {
    const send = window.fetch;
    window.fetch = async (call, init) => {
      if (call instanceof Request && call.url.endsWith('/api/sign_in')) window.name = await call.clone().text();
      return send(call, init);
    };
  });
  await signInPage.open();
  const submission = page.waitForRequest((request) => request.method() === 'POST' && isCall(request));

  await signInPage.signIn(member, password);

  const request = await submission;
  await navigation.showsSignedIn(member);
  // The next page has it still, and nothing can be asked of a page while it gives way to another.
  expect(await page.evaluate(() => window.name)).toContain(encodeURIComponent(member));
  expect(request.url() + page.url()).not.toContain(encodeURIComponent(member));
});

test('the server answers a sign-in with a small proof that tells nothing about the person', async ({ page, context, email, signUp }) => {
  await signUp();

  const cookie = await proofCookie(context);
  expect(cookie).toMatchObject(cookieRules);
  expect(cookie?.domain).toBe('localhost');
  expect(cookie?.value.length).toBeLessThanOrEqual(64);
  if (mode === 'jwt') {
    const token = await storedToken(page);
    const claims = claimsOf(token);
    expect(token.length, '400, and 76 for the key it is bound to').toBeLessThanOrEqual(476);
    expect(claims.exp - claims.iat, 'seconds the access token lives (RT-01)').toBeLessThanOrEqual(900);
    expect(JSON.stringify(claims), 'no address in the token (JW-18)').not.toContain(email);
  }
});

test('the client keeps what lives long out of the reach of scripts', async ({ page, context, signUp }) => {
  await signUp();

  const longLived = (await proofCookie(context))?.value ?? '';
  const entries = await storedEntries(page);
  const reachable = await page.evaluate(() => document.cookie + JSON.stringify({ ...window.sessionStorage }));
  expect(longLived).not.toBe('');
  expect(Object.keys(entries)).toEqual(mode === 'jwt' ? ['twofold.access_token'] : []);
  expect(Object.values(entries).join() + reachable, 'RT-09').not.toContain(longLived);
});

test('every later request carries the proof', async ({ page, signUp, email, accountPage, navigation }) => {
  await signUp();
  const requests = page.waitForRequest((request) => (mode === 'jwt' ? isCall(request) : request.isNavigationRequest()));

  await accountPage.open();

  const headers = await (await requests).allHeaders();
  if (mode === 'jwt') expect(headers.authorization).toBe(`DPoP ${await storedToken(page)}`);
  else expect(headers.cookie).toContain(`${cookieRules.name}=`);
  await navigation.showsSignedIn(email);
});

test('a forged proof is worth nothing', async ({ page, context, watch, signUp, signInPage, navigation }) => {
  await signUp();
  const cookie = await proofCookie(context);
  if (mode === 'jwt') {
    watch.allowRefusalBy('/api/');
    const token = await storedToken(page);
    await storeToken(page, token.slice(0, -8) + 'AAAAAAAA');
    await context.clearCookies();
  } else if (cookie) {
    await context.addCookies([{ ...cookie, value: [...cookie.value].reverse().join('') }]);
  }

  await page.goto(AccountPage.path);

  await expect(signInPage.heading).toBeVisible();
  await navigation.showsSignedOut();
});

test('the server answers each person with their own content', async ({ page, browser, email, signUp, accountPage }) => {
  const otherEmail = freshEmail();
  const otherBrowser = await browser.newContext();
  const otherPage = await otherBrowser.newPage();
  await signUpIn(otherPage, otherEmail);
  await signUp();

  await accountPage.open();
  const otherAccount = new AccountPage(otherPage);
  await otherAccount.open();

  await accountPage.shows(email, mode);
  await otherAccount.shows(otherEmail, mode);
  await expect(page.getByText(otherEmail)).toHaveCount(0);
  await otherBrowser.close();
});
