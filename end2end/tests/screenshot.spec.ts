/** The picture in the README. `UPDATE_SCREENSHOTS=1` writes it anew; otherwise it goes to the test results. */
import { join } from 'node:path';
import { expect, mode, password, test } from './fixtures';

const ADDRESS = 'you@example.org';
const ROOT = join(__dirname, '..', '..');
const FOLDER = process.env.UPDATE_SCREENSHOTS === '1' ? join(ROOT, 'docs', 'screenshots') : join(ROOT, 'end2end', 'test-results', 'screenshots');

test.use({ viewport: { width: 1200, height: 750 }, colorScheme: 'light' });

test('the account page poses for the README', async ({ page, watch, signUpPage, signInPage, accountPage, navigation }) => {
  watch.allowRefusalBy('/api/');
  await signUpPage.open();
  await signUpPage.signUp(ADDRESS, password);
  const taken = signUpPage.refusal.or(signUpPage.email.and(page.locator('[aria-invalid="true"]'))).first();
  await expect(navigation.address(ADDRESS).or(taken).first()).toBeVisible();
  if (await taken.isVisible()) {
    await signInPage.open();
    await signInPage.signIn(ADDRESS, password);
  }
  await navigation.showsSignedIn(ADDRESS);

  await accountPage.open();
  await accountPage.shows(ADDRESS, mode);
  await page.screenshot({ path: join(FOLDER, `${mode}.png`) });

  expect(page.viewportSize()).toEqual({ width: 1200, height: 750 });
});
