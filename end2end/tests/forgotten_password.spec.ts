/** A new password by a link in a mail. */
import { ForgotPasswordPage, Navigation, ResetPasswordPage, SignInPage, comeBackTo, expect, hydrated, test } from './fixtures';
import { NEEDS_MAILS, hasMails, mailTo, mailsTo } from './mails';

const NEW = 'seven lamps over a quiet harbour';
const SUBJECT = 'Set a new password';

test.skip(!hasMails, NEEDS_MAILS);

test('somebody who forgot their password sets a new one, and every sign-in ends', async ({ page, browser, watch, email, signUp, navigation }) => {
  watch.allowRefusalBy('/api/');
  await signUp();
  const context = await browser.newContext();
  const elsewhere = await context.newPage();
  const signInPage = new SignInPage(elsewhere);
  await signInPage.open();
  await elsewhere.getByRole('link', { name: 'Forgot your password?' }).click();
  const forgotPage = new ForgotPasswordPage(elsewhere);
  await expect(forgotPage.heading).toBeVisible();

  await forgotPage.ask(email);
  await expect(forgotPage.asked).toBeVisible();
  await expect(forgotPage.asked, 'the focus is where the button was').toBeFocused();
  const { link } = await mailTo(email, SUBJECT);
  await elsewhere.goto(link);
  const resetPage = new ResetPasswordPage(elsewhere);
  await expect(resetPage.whose(email)).toBeVisible();
  await expect(elsewhere, 'the token has left the address').toHaveURL(new URL(ResetPasswordPage.path, link).href);
  await hydrated(elsewhere);
  await resetPage.set('too short');
  await expect(resetPage.password).toHaveAccessibleDescription(/12 characters/);
  await resetPage.set(NEW);

  await expect(resetPage.done).toBeVisible();
  await new Navigation(elsewhere).showsSignedOut();
  await mailTo(email, 'Your password was changed');
  await comeBackTo(page);
  await expect(new SignInPage(page).heading).toBeVisible();
  await navigation.showsSignedOut();
  await elsewhere.getByRole('main').getByRole('link', { name: 'Sign in', exact: true }).click();
  await signInPage.signIn(email, NEW);
  await new Navigation(elsewhere).showsSignedIn(email);
  await context.close();
});

test('an address without an account gets the same answer and no mail', async ({ page, email, member }) => {
  const forgotPage = new ForgotPasswordPage(page);

  // The server has looked for what is to be sent after the first was asked for: both later ones were there.
  for (const address of [email, member, member]) {
    await forgotPage.open();
    await forgotPage.ask(address);
    await expect(forgotPage.asked, address).toBeVisible();
    if (address === member) await expect.poll(() => mailsTo(member).length).toBeGreaterThan(0);
  }
  await expect.poll(() => mailsTo(member).length).toBe(2);
  expect(mailsTo(email), 'EN-04').toEqual([]);
});

test('a link that was used says so, and leads to another', async ({ page, member, watch }) => {
  watch.allowRefusalBy('/api/reset_password');
  const forgotPage = new ForgotPasswordPage(page);
  await forgotPage.open();
  await forgotPage.ask(member);
  const { link } = await mailTo(member, SUBJECT);
  await page.goto(link);
  const resetPage = new ResetPasswordPage(page);
  await hydrated(page);
  await resetPage.set(NEW);
  await expect(resetPage.done).toBeVisible();

  await page.goto(link);

  await expect(resetPage.dead).toBeVisible();
  await expect(resetPage.password).toHaveCount(0);
  await page.getByRole('link', { name: 'Send another link' }).click();
  await expect(forgotPage.heading).toBeVisible();
});
