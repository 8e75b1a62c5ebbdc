/** FE-14: the Back button and the cache behind it, which keeps whole pages alive. */
import { withBackForwardCache } from '../browser';
import { AccountPage, HomePage, Navigation, expect, mode, test } from './fixtures';

test.use({ launchOptions: withBackForwardCache });

test('Back after a sign-out shows nothing private', async ({ page, email, signUp, accountPage, navigation }) => {
  await signUp();
  await accountPage.open();
  await accountPage.shows(email, mode);
  await navigation.signOut();
  await navigation.showsSignedOut();

  await page.goBack({ waitUntil: 'commit' });

  await navigation.showsSignedOut();
  await expect(page.getByText(email)).toHaveCount(0);
});

test('Back to a page that slept through the sign-out shows nothing private', async ({ page, context, email, signUp, accountPage, homePage, navigation }) => {
  await signUp();
  await accountPage.open();
  await accountPage.shows(email, mode);
  await homePage.open();
  const otherTab = await context.newPage();
  await otherTab.goto(HomePage.path);
  await new Navigation(otherTab).signOut();
  await new Navigation(otherTab).showsSignedOut();

  await page.goBack({ waitUntil: 'commit' });

  await navigation.showsSignedOut();
  await expect(page.getByText(email)).toHaveCount(0);
});

test('Back while signed in brings the page back', async ({ page, email, signUp, accountPage, homePage }) => {
  await signUp();
  await accountPage.open();
  await homePage.open();

  await page.goBack({ waitUntil: 'commit' });

  await expect(page).toHaveURL(AccountPage.path);
  await accountPage.shows(email, mode);
});
