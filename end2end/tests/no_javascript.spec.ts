/** Cookie mode is complete without JavaScript. Token mode needs it, and says so. */
import { NEEDS_DATABASE, hasDatabase, letPasswordsAge } from './aging';
import { AccountPage, ConfirmPage, DevicesPage, SecurityPage, SignInPage, SignUpPage, expect, mode, password, test, wrongPassword } from './fixtures';

const NEEDS_SCRIPTS = 'Only a script can keep a token: token mode needs JavaScript, and says so.';

test.use({ javaScriptEnabled: false });

test('without JavaScript a new visitor signs up', async ({ page, email, signUpPage, accountPage, navigation }) => {
  test.skip(mode !== 'session', NEEDS_SCRIPTS);
  await page.goto(SignUpPage.path);

  await signUpPage.signUp(email, password);

  await navigation.showsSignedIn(email);
  await navigation.address(email).click();
  await accountPage.shows(email, mode);
});

test('without JavaScript a wrong password is refused with the same words', async ({ page, watch, member, signInPage, navigation }) => {
  test.skip(mode !== 'session', NEEDS_SCRIPTS);
  watch.allowRefusalBy('/');
  await page.goto(SignInPage.path);

  await signInPage.signIn(member, wrongPassword);

  await expect(signInPage.refusal).toBeVisible();
  expect(new URL(page.url()).pathname).toBe('/sign-in');
  expect(page.url(), 'SF-07').not.toContain(encodeURIComponent(member));
  await navigation.showsSignedOut();
  await page.reload();
  await expect(signInPage.refusal, 'said once').toHaveCount(0);

  await signInPage.signIn(member, password);
  await navigation.showsSignedIn(member);
});

test('without JavaScript a refused password is explained beside its field', async ({ page, watch, email, signUpPage }) => {
  test.skip(mode !== 'session', NEEDS_SCRIPTS);
  watch.allowRefusalBy('/');
  await page.goto(SignUpPage.path);
  await signUpPage.trustTheServerAlone();

  await signUpPage.signUp(email, 'short');

  await expect(signUpPage.password).toHaveAttribute('aria-invalid', 'true');
  await expect(signUpPage.password).toHaveAccessibleDescription(/12/);
});

test('without JavaScript the whole way works: guard, sign in, account, sign out', async ({ page, member, signInPage, accountPage, navigation }) => {
  test.skip(mode !== 'session', NEEDS_SCRIPTS);
  await page.goto(AccountPage.path);
  await expect(signInPage.heading).toBeVisible();

  await signInPage.signInAndKeep(member, password);
  await accountPage.shows(member, mode);
  await expect(page).toHaveURL(AccountPage.path);
  await page.reload();
  await navigation.showsSignedIn(member);

  await navigation.signOut();
  await navigation.showsSignedOut();
  await page.goto(AccountPage.path);
  await expect(signInPage.heading).toBeVisible();
});

test('without JavaScript a device is ended from the list', async ({ page, member, signInPage }) => {
  test.skip(mode !== 'session', NEEDS_SCRIPTS);
  const devices = new DevicesPage(page);
  await page.goto(`${SignInPage.path}?next=${DevicesPage.path}`);
  await signInPage.signIn(member, password);
  await devices.shows(2);

  await devices.endButton(devices.others).click();

  await expect(page).toHaveURL(DevicesPage.path);
  await devices.shows(1);
});

test('without JavaScript the events are listed, and a refusal has its reference', async ({ page, watch, member, signInPage }) => {
  test.skip(mode !== 'session', NEEDS_SCRIPTS);
  watch.allowRefusalBy('/');
  await page.goto(`${SignInPage.path}?next=${SecurityPage.path}`);
  await signInPage.signIn(member, wrongPassword);
  await expect(page.getByText(/^Reference: [0-9a-f-]{36}$/)).toBeVisible();

  await page.goto(`${SignInPage.path}?next=${SecurityPage.path}`);
  await signInPage.signIn(member, password);

  await new SecurityPage(page).shows(['Signed in with a password', /^Wrong password\s*Refused$/, 'Signed in with a password', 'Signed up']);
});

test('without JavaScript the password is asked for once more, and leads back', async ({ page, watch, member, signInPage }) => {
  test.skip(mode !== 'session', NEEDS_SCRIPTS);
  test.skip(!hasDatabase, NEEDS_DATABASE);
  watch.allowRefusalBy('/');
  const [confirmPage, devices] = [new ConfirmPage(page), new DevicesPage(page)];
  await page.goto(`${SignInPage.path}?next=${DevicesPage.path}`);
  await signInPage.signIn(member, password);
  await devices.shows(2);
  letPasswordsAge(member);

  await devices.endButton(devices.others).click();
  await expect(confirmPage.heading).toBeVisible();
  await confirmPage.confirm(wrongPassword);
  await expect(confirmPage.password).toHaveAccessibleDescription('This is not your password. Try again.');
  await confirmPage.confirm(password);

  await expect(page).toHaveURL(DevicesPage.path);
  await devices.endButton(devices.others).click();
  await devices.shows(1);
});

test('without JavaScript token mode says what is missing', async ({ page }) => {
  test.skip(mode !== 'jwt', 'Cookie mode needs no JavaScript.');

  for (const path of [SignInPage.path, SignUpPage.path]) {
    await page.goto(path);
    const notice = page.locator('noscript');
    await expect(notice).toBeVisible();
    // Playwright's text matchers pass over `noscript`, whatever is in it.
    expect(await notice.innerText()).toContain('JavaScript');
  }
});
