/** What every test starts from: page objects, an address nobody has, somebody with an account, and the watch. */
import { randomUUID } from 'node:crypto';
import { type Page, test as base } from '@playwright/test';
import { mode } from '../mode';
import { AccountPage } from '../pages/AccountPage';
import { ConfirmPage } from '../pages/ConfirmPage';
import { DevicesPage } from '../pages/DevicesPage';
import { ForgotPasswordPage } from '../pages/ForgotPasswordPage';
import { HomePage } from '../pages/HomePage';
import { Navigation } from '../pages/Navigation';
import { PasswordPage } from '../pages/PasswordPage';
import { ResetPasswordPage } from '../pages/ResetPasswordPage';
import { SecurityPage } from '../pages/SecurityPage';
import { SignInPage } from '../pages/SignInPage';
import { SignUpPage } from '../pages/SignUpPage';
import { VerifyEmailPage } from '../pages/VerifyEmailPage';
import { Watch } from './watch';

export { expect } from '@playwright/test';
export { hydrated } from '../pages/hydrated';
export {
  AccountPage,
  ConfirmPage,
  DevicesPage,
  ForgotPasswordPage,
  HomePage,
  Navigation,
  PasswordPage,
  ResetPasswordPage,
  SecurityPage,
  SignInPage,
  SignUpPage,
  VerifyEmailPage,
  mode,
};

export const password = 'quiet harbour under seven lamps';
export const wrongPassword = 'quiet harbour under eight lamps';

export function freshEmail(): string {
  return `visitor-${randomUUID().slice(0, 13)}@example.org`;
}

type Fixtures = {
  origin: string;
  /** On for every test. */
  watch: Watch;
  /** An address without an account. */
  email: string;
  /** An address with an account, made in another browser: nobody is signed in in this one. */
  member: string;
  /** Signs `email` up in this browser. */
  signUp: () => Promise<void>;
  homePage: HomePage;
  signUpPage: SignUpPage;
  signInPage: SignInPage;
  accountPage: AccountPage;
  navigation: Navigation;
};

export const test = base.extend<Fixtures>({
  origin: async ({ baseURL }, use) => use(new URL(baseURL ?? '').origin),

  watch: [
    async ({ context, origin }, use) => {
      const watch = new Watch(context, origin);
      await watch.listen(context);
      await use(watch);
      watch.sawNothingUnexpected();
    },
    { auto: true },
  ],

  email: async ({}, use) => use(freshEmail()),

  member: async ({ browser }, use) => {
    const email = freshEmail();
    const context = await browser.newContext({ javaScriptEnabled: true });
    await signUpIn(await context.newPage(), email);
    await context.close();
    await use(email);
  },

  signUp: async ({ page, email }, use) => use(() => signUpIn(page, email)),

  homePage: async ({ page }, use) => use(new HomePage(page)),
  signUpPage: async ({ page }, use) => use(new SignUpPage(page)),
  signInPage: async ({ page }, use) => use(new SignInPage(page)),
  accountPage: async ({ page }, use) => use(new AccountPage(page)),
  navigation: async ({ page }, use) => use(new Navigation(page)),
});

export async function signUpIn(page: Page, email: string): Promise<void> {
  const signUpPage = new SignUpPage(page);
  await signUpPage.open();
  await signUpPage.signUp(email, password);
  await new Navigation(page).showsSignedIn(email);
}

/** A headless browser takes every page for focused at all times, so it has to be told. */
export async function comeBackTo(page: Page): Promise<void> {
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
}
