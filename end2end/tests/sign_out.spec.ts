import { AccountPage, HomePage, Navigation, expect, mode, test } from './fixtures';
import { expectNoProofLeft, proofCookie, storeToken, storedEntries, storedToken } from './proof';

test('signing out leaves nothing of the sign-in in the browser', async ({ page, signUp, navigation }) => {
  await signUp();

  await navigation.signOut();

  await navigation.showsSignedOut();
  await expectNoProofLeft(page);
  await page.reload();
  await navigation.showsSignedOut();
});

test('a proof kept from before the sign-out is dead', async ({ page, context, watch, signUp, signInPage, navigation }) => {
  await signUp();
  const cookie = await proofCookie(context);
  const token = mode === 'jwt' ? await storedToken(page) : undefined;
  await navigation.signOut();
  await navigation.showsSignedOut();
  await expectNoProofLeft(page);

  watch.allowRefusalBy('/api/');
  if (cookie) await context.addCookies([cookie]);
  if (token) await storeToken(page, token);
  await page.goto(AccountPage.path);

  await expect(signInPage.heading).toBeVisible();
  await navigation.showsSignedOut();
});

test('somebody whose cookie is gone already can still sign out', async ({ page, context, watch, signUp, navigation }) => {
  watch.allowRefusalBy('/api/');
  await signUp();
  await context.clearCookies();

  await navigation.signOut();

  await navigation.showsSignedOut();
  await expectNoProofLeft(page);
});

test('signing out without a connection forgets the token in every tab', async ({ context, watch, email, signUp, navigation }) => {
  test.skip(mode !== 'jwt', 'The session cookie is HttpOnly: only an answer of the server can remove it.');
  watch.allow(/net::ERR_INTERNET_DISCONNECTED/);
  await signUp();
  const secondTab = await context.newPage();
  await new HomePage(secondTab).open();
  await new Navigation(secondTab).showsSignedIn(email);
  await context.setOffline(true);

  await navigation.signOut();

  await new Navigation(secondTab).showsSignedOut();
  await expect.poll(() => storedEntries(secondTab), 'RT-11').toEqual({});
});
