/** Where a person is signed in, ending it from elsewhere, and what the pages that are open there do (SE-09, SE-12). */
import type { Browser, Page } from '@playwright/test';
import { AccountPage, DevicesPage, HomePage, Navigation, SignInPage, comeBackTo, expect, hydrated, mode, password, test } from './fixtures';
import { expectNoProofLeft, isCall } from './proof';

const WHY = 'Your sign-in has ended. Sign in again.';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

test('the list shows every device, this one first', async ({ page, browser, email, signUp, accountPage }) => {
  await signUp();
  const elsewhere = await signInElsewhere(browser, email);
  const devices = new DevicesPage(page);

  await accountPage.open();
  await page.getByRole('link', { name: 'Your devices' }).click();

  await devices.shows(2);
  await expect(page.getByText('takes effect within a second')).toBeVisible();
  await expect(devices.rows.first()).toContainText('This device');
  await expect(devices.row('Firefox on Linux')).toContainText(mode === 'jwt' ? 'JWT' : 'cookie session');
  await expect(devices.row('Firefox on Linux')).toContainText('127.0.0.1');
  await expect(devices.others.first()).toContainText(/Last seen\s*\d+ \w+ \d+, \d\d:\d\d UTC/);
  await elsewhere.context().close();
});

test('a device that is ended is thrown out of every tab, and told why', async ({ page, browser, email, signUp }) => {
  await signUp();
  const onAccount = await signInElsewhere(browser, email);
  const onHome = await onAccount.context().newPage();
  await new HomePage(onHome).open();
  await new Navigation(onHome).showsSignedIn(email);
  const devices = new DevicesPage(page);
  await devices.open();

  await devices.endButton(devices.row('Firefox on Linux')).click();

  const ended = devices.row('Firefox on Linux').getByRole('status');
  await expect(ended).toHaveText('Ended');
  await expect(ended, 'the focus is where the button was').toBeFocused();
  await expect(devices.endButton(devices.row('Firefox on Linux'))).toBeHidden();
  for (const [tab, next] of [[onAccount, AccountPage.path], [onHome, HomePage.path]] as const) {
    await comeBackTo(tab);
    await isAskedToSignIn(tab, next);
    await expect(tab.getByText(email)).toHaveCount(0);
  }
  await devices.open();
  await devices.shows(1);
  await onAccount.context().close();
});

test('a page whose sign-in has ended notices at its next call, and signs in again where it was', async ({ page, browser, email, signUp }) => {
  await signUp();
  const elsewhere = await signInElsewhere(browser, email);
  await new HomePage(elsewhere).open();
  await new Navigation(elsewhere).showsSignedIn(email);
  await endOthers(page);
  const calls: string[] = [];
  elsewhere.on('request', (request) => isCall(request) && calls.push(request.url()));

  await new Navigation(elsewhere).address(email).click();

  await isAskedToSignIn(elsewhere, AccountPage.path);
  expect(calls.length, 'no loop').toBeLessThanOrEqual(4);
  await new SignInPage(elsewhere).signIn(email, password);
  await new AccountPage(elsewhere).shows(email, mode);
  await expect(elsewhere.getByText(WHY)).toHaveCount(0);
  await elsewhere.context().close();
});

test('ending all others leaves this device', async ({ page, browser, email, signUp, navigation }) => {
  await signUp();
  const elsewhere = [await signInElsewhere(browser, email), await signInElsewhere(browser, email)];

  await endOthers(page);

  await expect(page.getByText('All other sign-ins have ended.')).toBeVisible();
  await expect(new DevicesPage(page).endOthers, 'the focus stays').toBeFocused();
  for (const tab of elsewhere) {
    await comeBackTo(tab);
    await isAskedToSignIn(tab, AccountPage.path);
    await tab.context().close();
  }
  await page.reload();
  await navigation.showsSignedIn(email);
  await new DevicesPage(page).shows(1);
});

test('ending all signs out here as well', async ({ page, browser, email, signUp, navigation }) => {
  await signUp();
  const elsewhere = await signInElsewhere(browser, email);
  const devices = new DevicesPage(page);
  await devices.open();

  await devices.endAll.click();

  await navigation.showsSignedOut();
  await expect(page).toHaveURL(HomePage.path);
  await expectNoProofLeft(page);
  await comeBackTo(elsewhere);
  await isAskedToSignIn(elsewhere, AccountPage.path);
  await elsewhere.context().close();
});

test('this device is ended by signing out', async ({ page, signUp, navigation }) => {
  await signUp();
  const devices = new DevicesPage(page);
  await devices.open();

  await devices.thisDevice.getByRole('button', { name: 'Sign out', exact: true }).click();

  await navigation.showsSignedOut();
  await expectNoProofLeft(page);
});

test('a row that is not there any more is refused in its place', async ({ page, browser, watch, email, signUp }) => {
  await signUp();
  const elsewhere = await signInElsewhere(browser, email);
  const devices = new DevicesPage(page);
  await devices.open();
  watch.allowRefusalBy('/api/end_sign_in');
  await devices.others.locator('input[name="id"]').evaluate((input: HTMLInputElement) => (input.value = 'A'.repeat(22)));

  await devices.endButton(devices.others).click();

  await expect(devices.others.getByRole('alert')).toContainText('not on your list');
  await comeBackTo(elsewhere);
  await new Navigation(elsewhere).showsSignedIn(email);
  await elsewhere.context().close();
});

test('a page that shows nobody asks nothing when somebody comes back to it', async ({ page, homePage, navigation }) => {
  await homePage.open();
  await navigation.showsSignedOut();
  const calls: string[] = [];
  page.on('request', (request) => isCall(request) && calls.push(request.url()));

  await comeBackTo(page);
  await page.waitForLoadState('networkidle');

  expect(calls).toEqual([]);
});

test('a tab of somebody who gave way to another person shows nothing of them', async ({ page, context, email, member, signUp, navigation }) => {
  await signUp();
  await new AccountPage(page).open();
  const otherTab = await context.newPage();
  await new HomePage(otherTab).open();
  await new Navigation(otherTab).signOut();
  await new Navigation(otherTab).showsSignedOut();
  const signInPage = new SignInPage(otherTab);
  await signInPage.open();
  await signInPage.signIn(member, password);
  await new Navigation(otherTab).showsSignedIn(member);

  await comeBackTo(page);

  await navigation.showsSignedIn(member);
  await expect(page.getByText(email)).toHaveCount(0);
});

/** Signs in with another browser, and stays on the account page. */
async function signInElsewhere(browser: Browser, email: string): Promise<Page> {
  const context = await browser.newContext({ userAgent: FIREFOX });
  const page = await context.newPage();
  const signInPage = new SignInPage(page);
  await signInPage.open(`?next=${AccountPage.path}`);
  await signInPage.signIn(email, password);
  await new AccountPage(page).shows(email, mode);
  await hydrated(page);
  return page;
}

async function endOthers(page: Page): Promise<void> {
  const devices = new DevicesPage(page);
  await devices.open();
  await devices.endOthers.click();
  await expect(page.getByText('All other sign-ins have ended.')).toBeVisible();
}

async function isAskedToSignIn(page: Page, next: string): Promise<void> {
  await expect(new SignInPage(page).heading).toBeVisible();
  await expect(page.getByRole('alert')).toHaveText(WHY);
  expect(new URL(page.url()).pathname).toBe(SignInPage.path);
  expect(new URL(page.url()).searchParams.get('next')).toBe(next);
  await new Navigation(page).showsSignedOut();
}
