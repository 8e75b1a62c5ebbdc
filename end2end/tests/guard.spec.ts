/** Pages that need somebody to be signed in, and where `?next=` may lead. */
import { AccountPage, expect, hydrated, mode, password, test } from './fixtures';

test('a guarded page asks for a sign-in and comes back', async ({ page, member, signInPage, accountPage }) => {
  await page.goto(AccountPage.path);
  await expect(signInPage.heading).toBeVisible();
  expect(new URL(page.url()).pathname).toBe('/sign-in');
  expect(new URL(page.url()).searchParams.get('next')).toBe('/account');
  await hydrated(page);

  await signInPage.signIn(member, password);

  await accountPage.shows(member, mode);
  await expect(page).toHaveURL(AccountPage.path);
});

test('a link to a guarded page asks for a sign-in as well', async ({ page, homePage, signInPage }) => {
  await homePage.open();

  await page.evaluate(() => {
    const link = document.createElement('a');
    link.href = '/account';
    link.textContent = 'To my account';
    document.querySelector('main')?.append(link);
  });
  await page.getByRole('link', { name: 'To my account' }).click();

  await expect(signInPage.heading).toBeVisible();
  expect(new URL(page.url()).searchParams.get('next')).toBe('/account');
});

test('a crafted "next" never leads to another origin', async ({ page, watch, origin, member, signInPage, navigation }) => {
  // Eleven sign-ins, which a debug build takes its time for.
  test.slow();
  // A page of our own that does not exist is a fine place to end up.
  watch.allowRefusalBy(`${origin}/`);
  const crafted = [
    '//evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/\\evil.example',
    '/\t/evil.example',
    '/%2f/evil.example',
    '\\\\evil.example',
    'evil.example',
    'data:text/html,evil',
  ];

  for (const next of crafted) {
    await test.step(next, async () => {
      await signInPage.open(`?next=${encodeURIComponent(next)}`);
      await signInPage.signIn(member, password);
      await navigation.showsSignedIn(member);
      expect(new URL(page.url()).origin, 'FE-09').toBe(origin);

      await signInPage.open(`?next=${encodeURIComponent(next)}`).catch(() => undefined);
      await navigation.showsSignedIn(member);
      expect(new URL(page.url()).origin, 'FE-09, signed in already').toBe(origin);

      await navigation.signOut();
      await navigation.showsSignedOut();
    });
  }
});
