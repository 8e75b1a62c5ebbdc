/** Another password for somebody who is signed in (PW-12). */
import type { Browser, Page } from '@playwright/test';
import { DevicesPage, Navigation, PasswordPage, SecurityPage, SignInPage, comeBackTo, expect, password, test, wrongPassword } from './fixtures';

const NEW = 'seven lamps over a quiet harbour';

test('the password is changed, this browser stays and every other one is thrown out', async ({ page, browser, email, signUp, navigation }) => {
  await signUp();
  const elsewhere = await signInElsewhere(browser, email);
  await new SecurityPage(page).open();
  await page.getByRole('link', { name: 'Change your password' }).click();
  const passwordPage = new PasswordPage(page);

  await passwordPage.change(password, NEW);

  await expect(passwordPage.changed).toBeVisible();
  await expect(passwordPage.changed, 'the focus is where the button was').toBeFocused();
  await expect(passwordPage.submit).toHaveCount(0);
  await navigation.showsSignedIn(email);
  await comeBackTo(elsewhere);
  const signInPage = new SignInPage(elsewhere);
  await expect(signInPage.heading).toBeVisible();
  await signInPage.signIn(email, NEW);
  await new DevicesPage(elsewhere).shows(2);
  await elsewhere.context().close();
  await new SecurityPage(page).open();
  await expect(new SecurityPage(page).events.filter({ hasText: 'Changed the password' })).toHaveCount(1);
  await page.reload();
  await navigation.showsSignedIn(email);
});

test('each field says what is wrong with it, and nothing is lost', async ({ page, watch, email, signUp, navigation }) => {
  watch.allowRefusalBy('/api/change_password');
  await signUp();
  const passwordPage = new PasswordPage(page);
  await passwordPage.open();

  await passwordPage.change(wrongPassword, NEW);
  await expect(passwordPage.current).toHaveAccessibleDescription('This is not your password. Try again.');
  await expect(passwordPage.password).not.toHaveAttribute('aria-invalid');
  await passwordPage.change(password, 'too short');
  await expect(passwordPage.password).toHaveAccessibleDescription(/12 characters/);
  await expect(passwordPage.current).not.toHaveAttribute('aria-invalid');
  await expect(passwordPage.current).toHaveValue(password);

  await navigation.showsSignedIn(email);
});

/** Signs in with another browser, and stays on the devices page. */
async function signInElsewhere(browser: Browser, email: string): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const signInPage = new SignInPage(page);
  await signInPage.open(`?next=${DevicesPage.path}`);
  await signInPage.signIn(email, password);
  await new Navigation(page).showsSignedIn(email);
  return page;
}
