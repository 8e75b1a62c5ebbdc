/** `pages.look`: how every page looks, in files to look at, and the rules that a program can check. */
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import {
  AccountPage,
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
  expect,
  hydrated,
  mode,
  password,
  test,
} from './fixtures';
import { hasMails, mailTo } from './mails';

const FOLDER = join(__dirname, '..', 'test-results', 'look', mode);
const WIDTHS = [320, 360, 768, 1280];
const MAIL_PAGES = [ForgotPasswordPage.path, ResetPasswordPage.path, VerifyEmailPage.path];
const SCHEMES = ['light', 'dark'] as const;
const NOWHERE = '/there-is-no-such-page';
const PAGES: { name: string; path: string; signedIn: boolean; typed?: string; byLink?: boolean }[] = [
  { name: 'home', path: HomePage.path, signedIn: false },
  { name: 'sign-up', path: SignUpPage.path, signedIn: false },
  { name: 'sign-up-weak', path: SignUpPage.path, signedIn: false, typed: 'passwordpassword' },
  { name: 'sign-up-strong', path: SignUpPage.path, signedIn: false, typed: password },
  { name: 'sign-in', path: SignInPage.path, signedIn: false },
  { name: 'forgot-password', path: ForgotPasswordPage.path, signedIn: false },
  { name: 'reset-password', path: ResetPasswordPage.path, signedIn: false },
  { name: 'reset-password-by-link', path: ResetPasswordPage.path, signedIn: false, byLink: true },
  { name: 'verify-email', path: VerifyEmailPage.path, signedIn: false },
  { name: 'not-found', path: NOWHERE, signedIn: false },
  { name: 'home-signed-in', path: HomePage.path, signedIn: true },
  { name: 'account', path: AccountPage.path, signedIn: true },
  { name: 'devices', path: DevicesPage.path, signedIn: true },
  { name: 'password', path: PasswordPage.path, signedIn: true },
  { name: 'security', path: SecurityPage.path, signedIn: true },
];

for (const { name, path, signedIn, typed, byLink } of PAGES) {
  test(`pages.look: ${name} fits every width, in light and dark`, async ({ page, watch, email, signUp, signUpPage, navigation }) => {
    test.slow();
    test.skip(Boolean(byLink) && !hasMails, 'The link is in a mail of a server that these tests start.');
    watch.allowRefusalBy(NOWHERE);
    if (signedIn) await signUp();
    if (byLink) await openLink(page, signUp, email);
    await page.goto(path);
    await hydrated(page);
    if (signedIn) await navigation.showsSignedIn(email);
    else await navigation.showsSignedOut();
    await expectBasics(page);
    if (typed) {
      await signUpPage.password.fill(typed);
      await expect(signUpPage.strength).not.toBeEmpty();
    }

    for (const colorScheme of SCHEMES) {
      for (const width of WIDTHS) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 800 });
        await page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}-${width}.png`), fullPage: true });
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(overflow, `pixels to scroll sideways at ${width}`).toBe(0);
      }
    }
  });
}

test('pages.look: every page has a title of its own', async ({ page, watch, signUp }) => {
  watch.allowRefusalBy(NOWHERE);
  const titles: string[] = [];
  for (const path of [HomePage.path, SignUpPage.path, SignInPage.path, ...MAIL_PAGES, NOWHERE]) titles.push(await titleOf(page, path));
  await signUp();
  for (const path of [AccountPage.path, DevicesPage.path, PasswordPage.path, SecurityPage.path]) titles.push(await titleOf(page, path));

  expect(titles.every((title) => title.trim() !== '')).toBe(true);
  expect(new Set(titles).size, titles.join(' | ')).toBe(titles.length);
});

async function openLink(page: Page, signUp: () => Promise<void>, email: string): Promise<void> {
  await signUp();
  await new Navigation(page).signOut();
  await new Navigation(page).showsSignedOut();
  const forgotPage = new ForgotPasswordPage(page);
  await forgotPage.open();
  await forgotPage.ask(email);
  await page.goto((await mailTo(email, 'Set a new password')).link);
}

async function titleOf(page: Page, path: string): Promise<string> {
  await page.goto(path);
  await hydrated(page);
  return page.title();
}

/** One heading of the first level, a language, a main part, and a label for everything that can be filled in. */
async function expectBasics(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  await expect(page.getByRole('main')).toHaveCount(1);
  await expect(page.locator('html')).toHaveAttribute('lang', /^[a-z]{2}/);
  await expect(page.locator('meta[name="viewport"]')).toHaveCount(1);
  const unlabelled = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLInputElement>('input, select, textarea')]
      .filter((field) => field.type !== 'hidden' && !field.labels?.length && !field.ariaLabel)
      .map((field) => field.outerHTML),
  );
  expect(unlabelled, 'fields without a label').toEqual([]);
}
