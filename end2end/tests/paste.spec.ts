/** Nothing keeps a password from being pasted, as some password managers do and people who keep it elsewhere (PW-07). */
import { type Locator } from '@playwright/test';
import { expect, password, test } from './fixtures';

/** Types it somewhere else, takes it from there over the clipboard, and gives the place back its own text. */
async function paste(field: Locator, elsewhere: Locator, text: string): Promise<void> {
  const typed = await elsewhere.inputValue();
  await elsewhere.fill(text);
  await elsewhere.press('ControlOrMeta+a');
  await elsewhere.press('ControlOrMeta+x');
  await expect(elsewhere).toHaveValue('');
  await field.press('ControlOrMeta+v');
  await expect(field).toHaveValue(text);
  await elsewhere.fill(typed);
}

test('a password that is pasted signs in', async ({ member, signInPage, navigation }) => {
  await signInPage.open();
  await signInPage.email.fill(member);

  await paste(signInPage.password, signInPage.email, password);
  await signInPage.submit.click();

  await navigation.showsSignedIn(member);
});

test('a password that is pasted signs up', async ({ email, signUpPage, navigation }) => {
  await signUpPage.open();
  await signUpPage.email.fill(email);

  await paste(signUpPage.password, signUpPage.email, password);
  await signUpPage.submit.click();

  await navigation.showsSignedIn(email);
});
