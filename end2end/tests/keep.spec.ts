/** "Keep me signed in": the browser forgets the long-lived cookie when it closes, or it does not. */
import { expect, password, test } from './fixtures';
import { proofCookie } from './proof';

const FOREVER_SECONDS = 400 * 24 * 60 * 60;

test('without "Keep me signed in" the cookie ends with the browser', async ({ context, member, signInPage, navigation }) => {
  await signInPage.open();
  await expect(signInPage.keep).not.toBeChecked();

  await signInPage.signIn(member, password);

  await navigation.showsSignedIn(member);
  expect((await proofCookie(context))?.expires).toBe(-1);
});

test('with "Keep me signed in" the cookie outlives the browser', async ({ context, member, signInPage, navigation }) => {
  await signInPage.open();

  await signInPage.signInAndKeep(member, password);

  await navigation.showsSignedIn(member);
  const lifeSeconds = ((await proofCookie(context))?.expires ?? -1) - Date.now() / 1000;
  expect(lifeSeconds).toBeGreaterThan(24 * 60 * 60);
  expect(lifeSeconds).toBeLessThanOrEqual(FOREVER_SECONDS);
});
