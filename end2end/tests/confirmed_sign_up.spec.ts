/** Where addresses are confirmed: an account is made once the link in the mail was opened and the password given (EN-03, RE-08). */
import type { Page } from '@playwright/test';
import { type Place, newPlace, serve } from '../server';
import { AccountPage, Navigation, SignInPage, SignUpPage, VerifyEmailPage, expect, freshEmail, hydrated, mode, password, test, wrongPassword } from './fixtures';
import { mailTo, mailsTo } from './mails';

const binary = process.env.TWOFOLD_SERVER ?? '';
const SUBJECT = 'Confirm your address';

test.skip(!binary, 'needs a server whose settings these tests choose');

/** A server that confirms addresses, and a page of it. */
const confirming = test.extend<{ site: Place; its: Page }>({
  site: async ({}, use) => {
    const place = await newPlace();
    const build = { binary, siteRoot: process.env.TWOFOLD_SITE_ROOT ?? '../target/site' };
    const stop = await serve(build, place, { TWOFOLD_CONFIRM_ADDRESSES: 'on' });
    await use(place);
    await stop();
    place.remove();
  },

  its: async ({ browser, site }, use) => {
    const context = await browser.newContext({ baseURL: site.origin });
    await use(await context.newPage());
    await context.close();
  },
});

confirming('the link and the password make the account and sign in', async ({ its, site }) => {
  const email = freshEmail();
  const [signUpPage, verifyPage] = [new SignUpPage(its), new VerifyEmailPage(its)];
  await signUpPage.open();
  await expect(its.getByRole('checkbox'), 'nobody is signed in by that').toHaveCount(0);

  await signUpPage.signUp(email, password);
  await expect(verifyPage.onItsWay).toBeVisible();
  await new Navigation(its).showsSignedOut();
  const { link } = await mailTo(email, SUBJECT, site.dataDir);
  await its.goto(link);
  await expect(verifyPage.whose(email)).toBeVisible();
  await hydrated(its);
  await verifyPage.confirm(wrongPassword);
  await expect(verifyPage.password).toHaveAccessibleDescription('This is not your password. Try again.');
  await verifyPage.confirm(password);

  await new AccountPage(its).shows(email, mode);
  await its.reload();
  await new Navigation(its).showsSignedIn(email);
});

confirming('whoever has an account is told by mail, and nobody else is', async ({ its, site }) => {
  const email = freshEmail();
  const [signUpPage, verifyPage] = [new SignUpPage(its), new VerifyEmailPage(its)];
  await signUpPage.open();
  await signUpPage.signUp(email, password);
  await its.goto((await mailTo(email, SUBJECT, site.dataDir)).link);
  await hydrated(its);
  await verifyPage.confirm(password);
  await new Navigation(its).signOut();
  await new Navigation(its).showsSignedOut();

  await signUpPage.open();
  await signUpPage.signUp(email, wrongPassword);

  await expect(verifyPage.onItsWay).toBeVisible();
  await mailTo(email, 'You have an account already', site.dataDir);
});

confirming('the mail is sent again, and only the later link is good', async ({ its, site }) => {
  const email = freshEmail();
  const [signUpPage, verifyPage] = [new SignUpPage(its), new VerifyEmailPage(its)];
  await signUpPage.open();
  await signUpPage.signUp(email, password);
  const first = await mailTo(email, SUBJECT, site.dataDir);
  await verifyPage.email.fill(email);
  await verifyPage.again.click();
  await expect(verifyPage.sentAgain).toBeVisible();
  await expect.poll(() => mailsTo(email, site.dataDir).length).toBe(2);
  const links = mailsTo(email, site.dataDir).map((mail) => mail.link);
  const second = links.find((link) => link !== first.link) ?? '';

  await its.goto(first.link);
  await expect(verifyPage.dead).toBeVisible();
  await its.goto(second);

  await expect(verifyPage.whose(email)).toBeVisible();
});

confirming('whoever has the link and not the password chooses another', async ({ its, site }) => {
  const email = freshEmail();
  const [signUpPage, verifyPage] = [new SignUpPage(its), new VerifyEmailPage(its)];
  await signUpPage.open();
  await signUpPage.signUp(email, wrongPassword);
  await its.goto((await mailTo(email, SUBJECT, site.dataDir)).link);
  await hydrated(its);
  await verifyPage.chooseAnother.click();
  await verifyPage.newPassword.fill(password);
  await verifyPage.submit.click();

  await new AccountPage(its).shows(email, mode);
  await new Navigation(its).signOut();
  await new Navigation(its).showsSignedOut();
  const signInPage = new SignInPage(its);
  await signInPage.open();
  await signInPage.signIn(email, password);
  await new Navigation(its).showsSignedIn(email);
});
