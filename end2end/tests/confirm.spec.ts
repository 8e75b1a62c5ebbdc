/** The password once more, before something that a borrowed browser must not do (SU-01). */
import type { Browser } from '@playwright/test';
import { NEEDS_DATABASE, hasDatabase, letPasswordsAge } from './aging';
import { ConfirmPage, DevicesPage, SignInPage, expect, password, test, wrongPassword } from './fixtures';

test.skip(!hasDatabase, NEEDS_DATABASE);

test('after a while the password is asked for once more, and the act goes on', async ({ page, watch, browser, email, signUp, navigation }) => {
  await signUp();
  await signInElsewhere(browser, email);
  const [confirmPage, devices] = [new ConfirmPage(page), new DevicesPage(page)];
  await devices.open();
  await devices.shows(2);
  letPasswordsAge(email);
  watch.allowRefusalBy('/api/end_sign_in');
  watch.allowRefusalBy('/api/confirm');

  await devices.endButton(devices.others).click();
  await expect(confirmPage.heading).toBeVisible();
  await expect(page).toHaveURL(`${ConfirmPage.path}?next=${encodeURIComponent(DevicesPage.path)}`);
  await confirmPage.confirm(wrongPassword);
  await expect(confirmPage.password).toHaveAccessibleDescription('This is not your password. Try again.');
  await navigation.showsSignedIn(email);
  await confirmPage.confirm(password);

  await expect(page).toHaveURL(DevicesPage.path);
  await devices.shows(2);
  await devices.endButton(devices.others).click();
  await expect(devices.others.getByRole('status')).toHaveText('Ended');
  await page.reload();
  await navigation.showsSignedIn(email);
  await devices.shows(1);
});

test('a tab that was open meanwhile goes on with the sign-in as it is now', async ({ page, context, watch, email, signUp }) => {
  await signUp();
  const [confirmPage, devices] = [new ConfirmPage(page), new DevicesPage(page)];
  const otherTab = await context.newPage();
  const others = new DevicesPage(otherTab);
  await others.open();
  await devices.open();
  letPasswordsAge(email);
  watch.allowRefusalBy('/api/end_other_sign_ins');
  await devices.endOthers.click();
  await confirmPage.confirm(password);
  await expect(page).toHaveURL(DevicesPage.path);

  await others.endOthers.click();

  await expect(otherTab.getByText('All other sign-ins have ended.')).toBeVisible();
});

async function signInElsewhere(browser: Browser, email: string): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const signInPage = new SignInPage(page);
  await signInPage.open(`?next=${DevicesPage.path}`);
  await signInPage.signIn(email, password);
  await new DevicesPage(page).shows(2);
  await context.close();
}
