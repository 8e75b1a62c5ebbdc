/** What happened around an account, as its owner sees it, and the reference of a refusal (AU-01, AU-03). */
import { AccountPage, DevicesPage, SecurityPage, SignInPage, expect, hydrated, mode, password, test, wrongPassword } from './fixtures';

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

test('the page tells what happened, from where, and what was refused', async ({ page, browser, email, signUp }) => {
  await signUp();
  const context = await browser.newContext({ userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' });
  const elsewhere = await context.newPage();
  const signInPage = new SignInPage(elsewhere);
  await signInPage.open();
  await signInPage.signIn(email, wrongPassword);
  await expect(signInPage.refusal).toBeVisible();
  await context.close();
  const security = new SecurityPage(page);

  await new AccountPage(page).open();
  await page.getByRole('link', { name: 'Security' }).click();

  await security.shows([/^Wrong password\s*Refused$/, 'Signed in with a password', 'Signed up']);
  await expect(security.events.first()).toContainText('Firefox on Linux, from 127.0.0.1');
  await expect(security.events.first()).toContainText(/\d+ \w+ \d+, \d\d:\d\d:\d\d UTC/);
  await page.getByRole('link', { name: 'Your devices' }).click();
  await new DevicesPage(page).shows(1);
});

test('the page is the same when it is entered directly, and only for its owner', async ({ page, signUp, navigation }) => {
  await signUp();
  const security = new SecurityPage(page);

  await security.open();
  await security.shows(['Signed in with a password', 'Signed up']);
  await navigation.signOut();
  await navigation.showsSignedOut();
  await page.goto(SecurityPage.path);

  await expect(new SignInPage(page).heading).toBeVisible();
});

test('its code is loaded by whoever goes there and nobody else', async ({ page, signUp }) => {
  const html = await (await page.request.get('/')).text();
  test.skip(!html.includes('split___'), 'A build without --split, as `cargo leptos watch` makes it, has no chunks.');
  await signUp();
  await new AccountPage(page).open();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));

  await page.getByRole('link', { name: 'Security' }).click();
  await expect(new SecurityPage(page).heading).toBeVisible();

  expect(asked.filter((url) => url.includes('split___security_route'))).toHaveLength(1);
});

test('a refusal shows the reference of its request, and the next one another', async ({ page, watch, member, signInPage, navigation }) => {
  watch.allowRefusalBy('/api/');
  await signInPage.open();
  const reference = page.getByText('Reference: ');
  await expect(reference).toHaveCount(0);
  const seen: string[] = [];

  for (const attempt of [wrongPassword, `${wrongPassword}!`]) {
    const answered = page.waitForResponse((response) => response.url().endsWith('/api/sign_in'));
    await signInPage.signIn(member, attempt);
    const id = (await answered).headers()['x-request-id'];
    await expect(reference).toHaveText(`Reference: ${id}`);
    seen.push(id);
  }

  expect(seen[0]).toMatch(UUID);
  expect(seen[1]).not.toBe(seen[0]);
  await expect(signInPage.refusal, 'it is not read out').not.toContainText('Reference');
  await signInPage.signIn(member, password);
  await navigation.showsSignedIn(member);
  await expect(reference).toHaveCount(0);
});

test('a refused form without scripts keeps its reference when the scripts take over', async ({ page, watch, member, signInPage }) => {
  test.skip(mode !== 'session', 'Only a script can keep a token: token mode needs JavaScript, and says so.');
  watch.allowRefusalBy('/');
  await signInPage.open();
  await signInPage.email.fill(member);
  await signInPage.password.fill(wrongPassword);
  const answered = page.waitForResponse((response) => response.url().endsWith('/api/sign_in'));

  await signInPage.sendWithoutScripts();

  const id = (await answered).headers()['x-request-id'];
  await hydrated(page);
  await expect(page.getByText('Reference: ')).toHaveText(`Reference: ${id}`);
});
