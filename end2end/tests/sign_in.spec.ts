import { expect, freshEmail, mode, password, test, wrongPassword } from './fixtures';

test('somebody with an account signs in', async ({ member, signInPage, accountPage, navigation }) => {
  await signInPage.open();

  await signInPage.signIn(member, password);

  await navigation.showsSignedIn(member);
  await navigation.address(member).click();
  await accountPage.shows(member, mode);
});

test('the Enter key signs in as well', async ({ member, signInPage, navigation }) => {
  await signInPage.open();
  await signInPage.email.fill(member);
  await signInPage.password.fill(password);

  await signInPage.password.press('Enter');

  await navigation.showsSignedIn(member);
});

test('a wrong password is refused like an unknown address', async ({ page, watch, member, signInPage, navigation }) => {
  watch.allowRefusalBy('/api/');
  await signInPage.open();
  await signInPage.signIn(member, wrongPassword);
  await expect(signInPage.refusal).toBeVisible();
  const said = await signInPage.refusal.innerText();
  await expect(page).toHaveURL(/\/sign-in(\?|$)/);

  await signInPage.open();
  await expect(signInPage.refusal).toHaveCount(0);
  await signInPage.signIn(freshEmail(), wrongPassword);

  await expect(signInPage.refusal).toHaveText(said);
  expect(page.url()).not.toContain(encodeURIComponent(member));
  await navigation.showsSignedOut();
});

test('after a wrong password the right one signs in', async ({ watch, member, signInPage, navigation }) => {
  watch.allowRefusalBy('/api/');
  await signInPage.open();
  await signInPage.signIn(member, wrongPassword);
  await expect(signInPage.refusal).toBeVisible();

  await signInPage.signIn(member, password);

  await navigation.showsSignedIn(member);
  await expect(signInPage.refusal).toHaveCount(0);
});

test('a reload keeps me signed in', async ({ page, email, signUp, navigation }) => {
  await signUp();

  await page.reload();

  await navigation.showsSignedIn(email);
});

test('a form that is sent before the page is ready gets its answer in the page', async ({ member, signInPage, navigation }) => {
  await signInPage.open();
  await signInPage.email.fill(member);
  await signInPage.password.fill(wrongPassword);

  await signInPage.sendWithoutScripts();

  await expect(signInPage.refusal).toContainText(mode === 'jwt' ? /JavaScript/ : /wrong/);
  await navigation.showsSignedOut();
});
