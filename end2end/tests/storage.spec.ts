/** localStorage that is blocked, full or full of garbage. Cookie mode must not care; token mode must say so. */
import type { Page } from '@playwright/test';
import { AccountPage, Navigation, SignInPage, expect, hydrated, mode, password, test } from './fixtures';
import { GARBAGE, isCall, storeText } from './proof';

test('a browser that blocks localStorage is told, or never needed it', async ({ page, member }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get() {
        throw new DOMException('Access is denied for this document.', 'SecurityError');
      },
    });
  });

  await signsInOrIsTold(page, member);
});

test('a browser whose localStorage is full is told, or never needed it', async ({ page, member }) => {
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    };
  });

  await signsInOrIsTold(page, member);
});

test('garbage in localStorage means signed out, and a sign-in repairs it', async ({ page, watch, member, signInPage, navigation }) => {
  watch.allowRefusalBy('/api/');
  await signInPage.open();

  for (const garbage of GARBAGE) {
    await storeText(page, garbage);
    await page.reload();
    await navigation.showsSignedOut();
  }
  await signInPage.open();
  await signInPage.signIn(member, password);

  await navigation.showsSignedIn(member);
  await page.reload();
  await navigation.showsSignedIn(member);
});

test('storage that is cleared by hand signs a token out in every tab, and no cookie', async ({ page, context, email, signUp, signInPage, navigation }) => {
  await signUp();
  const other = await context.newPage();
  await other.goto(AccountPage.path);
  await hydrated(other);
  await new Navigation(other).showsSignedIn(email);

  await page.evaluate(() => localStorage.clear());

  if (mode === 'session') {
    await page.reload();
    return navigation.showsSignedIn(email);
  }
  await new Navigation(other).showsSignedOut();
  await expect(other.getByText(email)).toHaveCount(0);
  await page.reload();
  await navigation.showsSignedOut();
  await signInPage.signIn(email, password);
  await navigation.showsSignedIn(email);
});

/** Tries to sign in: cookie mode does not care, token mode says why nobody is signed in. */
async function signsInOrIsTold(page: Page, email: string): Promise<void> {
  const navigation = new Navigation(page);
  const signInPage = new SignInPage(page);
  await signInPage.open();
  await navigation.showsSignedOut();
  const answer = page.waitForResponse((response) => isCall(response.request()) && response.request().method() === 'POST');

  await signInPage.signIn(email, password);

  if (mode === 'session') return navigation.showsSignedIn(email);
  expect((await answer).ok()).toBe(true);
  await expect(signInPage.submit).toBeEnabled();
  await expect(signInPage.refusal.filter({ hasText: /storage/i }).first()).toBeVisible();
  await expect(page).toHaveURL(SignInPage.path);
  await navigation.showsSignedOut();
}
