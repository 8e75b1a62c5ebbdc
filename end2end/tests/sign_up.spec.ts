import { expect, mode, password, test } from './fixtures';

test('a new visitor signs up and is signed in at once', async ({ email, homePage, signUpPage, accountPage, navigation }) => {
  await homePage.open();
  await navigation.showsSignedOut();
  await navigation.signUp.click();

  await signUpPage.signUp(email, password);

  await navigation.showsSignedIn(email);
  await navigation.address(email).click();
  await accountPage.shows(email, mode);
});

test('a password that is too short is refused beside its field', async ({ watch, email, signUpPage, navigation }) => {
  watch.allowRefusalBy('/api/');
  await signUpPage.open();
  await signUpPage.trustTheServerAlone();

  await signUpPage.signUp(email, 'short');

  await expect(signUpPage.password).toHaveAttribute('aria-invalid', 'true');
  await expect(signUpPage.password).toHaveAccessibleDescription(/12/);
  await expect(signUpPage.email).not.toHaveAttribute('aria-invalid', 'true');
  await navigation.showsSignedOut();
});

test('an address that cannot be one is refused beside its field', async ({ watch, signUpPage, navigation }) => {
  watch.allowRefusalBy('/api/');
  await signUpPage.open();
  await signUpPage.trustTheServerAlone();

  await signUpPage.signUp('no address', password);

  await expect(signUpPage.email).toHaveAttribute('aria-invalid', 'true');
  await expect(signUpPage.email).toHaveAccessibleDescription(/address/i);
  await navigation.showsSignedOut();
});

test('an address that is taken signs nobody in', async ({ watch, member, signUpPage, navigation }) => {
  watch.allowRefusalBy('/api/');
  await signUpPage.open();

  await signUpPage.signUp(member, password);

  const besideTheField = signUpPage.email.and(signUpPage.email.page().locator('[aria-invalid="true"]'));
  await expect(signUpPage.refusal.or(besideTheField).first()).toBeVisible();
  await navigation.showsSignedOut();
});

test('password managers learn what each field is for', async ({ page, signUpPage, signInPage }) => {
  await signUpPage.open();
  await expect(signUpPage.email).toHaveAttribute('autocomplete', /username|email/);
  await expect(signUpPage.password).toHaveAttribute('autocomplete', 'new-password');
  await expect(signUpPage.password).toHaveAttribute('type', 'password');

  await signInPage.open();
  await expect(signInPage.email).toHaveAttribute('autocomplete', /username|email/);
  await expect(signInPage.password).toHaveAttribute('autocomplete', 'current-password');
  await expect(page).toHaveTitle(/Sign in/);
});
