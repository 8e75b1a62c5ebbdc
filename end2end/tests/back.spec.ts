/** FE-14: the Back button and the cache behind it, which keeps whole pages alive. */
import { type Page } from '@playwright/test';
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

test('after a sign-out in another tab the browser has no page left to bring back', async ({ page, context, signUp, accountPage, homePage, navigation }) => {
  test.skip(mode === 'jwt', 'Of pages that forbid keeping them, Chromium keeps none that has made a call, and here each makes one.');
  await notePagesBroughtBack(page);
  await signUp();
  await accountPage.open();
  await homePage.open();
  await page.goBack();
  await expect.poll(() => pagesBroughtBack(page), 'while signed in').toEqual([AccountPage.path]);
  await homePage.open();
  const otherTab = await context.newPage();
  await otherTab.goto(HomePage.path);
  await new Navigation(otherTab).signOut();
  await new Navigation(otherTab).showsSignedOut();

  await page.goBack({ waitUntil: 'commit' });

  await navigation.showsSignedOut();
  expect(await pagesBroughtBack(page), 'FE-14').toEqual([AccountPage.path]);
});

/** In the tab's own storage, because a page that is brought back loads itself again. */
async function notePagesBroughtBack(page: Page): Promise<void> {
  await page.addInitScript(() => {
    addEventListener('pageshow', ({ persisted }) => {
      if (!persisted) return;
      const pages = JSON.parse(sessionStorage.getItem('brought-back') ?? '[]') as string[];
      sessionStorage.setItem('brought-back', JSON.stringify([...pages, location.pathname]));
    });
  });
}

async function pagesBroughtBack(page: Page): Promise<string[]> {
  return page.evaluate(() => JSON.parse(sessionStorage.getItem('brought-back') ?? '[]') as string[]);
}

test('a page left open while another tab signs out shows nothing private once somebody looks', async ({ page, context, email, signUp, accountPage, navigation }) => {
  await signUp();
  await accountPage.open();
  await accountPage.shows(email, mode);
  const otherTab = await context.newPage();
  await otherTab.goto(HomePage.path);
  await new Navigation(otherTab).signOut();
  await new Navigation(otherTab).showsSignedOut();

  await page.bringToFront();
  await page.evaluate(() => dispatchEvent(new Event('focus')));

  await navigation.showsSignedOut();
  await expect(page.getByText(email)).toHaveCount(0);
});
