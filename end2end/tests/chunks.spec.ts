/** What a page does not need is not loaded with it: the code of `/` and `/account` comes in chunks of its own. */
import type { Page } from '@playwright/test';
import { AccountPage, HomePage, SignInPage, expect, hydrated, test } from './fixtures';

test.beforeEach(async ({ page }) => {
  const home = await (await page.request.get(HomePage.path)).text();
  test.skip(!home.includes('split___'), 'A build without --split, as `cargo leptos watch` makes it, has no chunks.');
});

/** The chunks that `page` asks for from now on, by the name of their page. */
function watchChunks(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) => {
    const chunk = /\/pkg\/split___(\w+?)_route_view_[^/]*\.wasm$/.exec(request.url());
    if (chunk) asked.push(chunk[1]);
  });
  return asked;
}

test('the sign-in page loads no other page, and a link loads its page once', async ({ page, navigation, homePage }) => {
  const chunks = watchChunks(page);

  await page.goto(SignInPage.path);
  await hydrated(page);
  expect(chunks).toEqual([]);

  await navigation.home.click();
  await expect(homePage.heading).toBeVisible();
  await page.goBack();
  await navigation.home.click();
  await expect(homePage.heading).toBeVisible();
  expect(chunks).toEqual(['home']);
});

test('a page that is entered directly has its own chunk loaded with the app', async ({ page, signUp }) => {
  await signUp();
  const chunks = watchChunks(page);

  const response = await page.goto(AccountPage.path);
  await hydrated(page);

  expect(new Set(chunks)).toEqual(new Set(['account']));
  expect(await response?.text()).toMatch(/<link rel="preload" href="\/pkg\/split___account_route_view_/);
  const home = await page.request.get(HomePage.path);
  expect(await home.text()).toMatch(/<link rel="preload" href="\/pkg\/split___home_route_view_/);
});
