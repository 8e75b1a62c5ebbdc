/** The watch fails a test at any console error, warning or hydration mismatch: these tests only have to go everywhere. */
import { AccountPage, DevicesPage, ForgotPasswordPage, HomePage, ResetPasswordPage, SecurityPage, SignInPage, SignUpPage, VerifyEmailPage, expect, hydrated, mode, test } from './fixtures';

const NOWHERE = '/there-is-no-such-page';

test('the home page says which mode the server runs', async ({ homePage }) => {
  await homePage.open();

  await expect(homePage.heading).toBeVisible();
  await expect(homePage.modeLine(mode)).toBeVisible();
});

test('a page that does not exist says so with status 404', async ({ page, watch }) => {
  watch.allowRefusalBy(NOWHERE);

  const response = await page.goto(NOWHERE);
  await hydrated(page);

  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1, name: 'Page not found' })).toBeVisible();
});

for (const path of [HomePage.path, SignUpPage.path, SignInPage.path, ForgotPasswordPage.path, ResetPasswordPage.path, VerifyEmailPage.path, AccountPage.path, DevicesPage.path, SecurityPage.path, NOWHERE]) {
  test(`the console stays quiet on ${path} when signed out`, async ({ page, watch, navigation }) => {
    if (path === NOWHERE) watch.allowRefusalBy(NOWHERE);

    await page.goto(path);
    await hydrated(page);

    await navigation.showsSignedOut();
  });

  test(`the console stays quiet on ${path} when signed in`, async ({ page, watch, email, signUp, navigation }) => {
    if (path === NOWHERE) watch.allowRefusalBy(NOWHERE);
    await signUp();

    await page.goto(path);
    await hydrated(page);

    await navigation.showsSignedIn(email);
  });
}

test('the console stays quiet while following the links', async ({ page, email, signUp, navigation, accountPage, homePage }) => {
  await homePage.open();
  await navigation.signIn.click();
  await expect(page).toHaveURL(SignInPage.path);
  await navigation.signUp.click();
  await expect(page).toHaveURL(SignUpPage.path);
  await signUp();

  await navigation.home.click();
  await expect(homePage.heading).toBeVisible();
  await navigation.address(email).click();
  await expect(accountPage.heading).toBeVisible();
  await page.goBack();
  await expect(homePage.heading).toBeVisible();

  await navigation.showsSignedIn(email);
});
