import { AccountPage, HomePage, Navigation, expect, hydrated, mode, test } from './fixtures';
import { expectNoProofLeft } from './proof';

test('a second tab is signed in as well', async ({ context, email, signUp }) => {
  await signUp();

  const secondTab = await context.newPage();
  await secondTab.goto(AccountPage.path);

  await new AccountPage(secondTab).shows(email, mode);
  await new Navigation(secondTab).showsSignedIn(email);
});

test('a sign-out in one tab is seen in the others', async ({ page, context, email, signUp, navigation }) => {
  await signUp();
  const others = [await context.newPage(), await context.newPage()];
  for (const [index, tab] of others.entries()) {
    await tab.goto(index === 0 ? HomePage.path : AccountPage.path);
    await hydrated(tab);
    await new Navigation(tab).showsSignedIn(email);
  }

  await navigation.signOut();
  await navigation.showsSignedOut();

  for (const tab of others) {
    // The storage event tells a tab at once; a cookie tells it at its next request.
    if (mode === 'session') await tab.reload();
    await new Navigation(tab).showsSignedOut();
    await expect(tab.getByText(email)).toHaveCount(0);
  }
  await expectNoProofLeft(page);
});
