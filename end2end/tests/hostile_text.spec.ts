/** FE-01: what people and their browsers say of themselves is text wherever it is shown: no dialog, no violation, no element. */
import { randomUUID } from 'node:crypto';
import { AccountPage, DevicesPage, HomePage, Navigation, SecurityPage, SignInPage, SignUpPage, expect, mode, password, signUpIn, test } from './fixtures';

/** What an address may be made of (RFC 5322 `dot-atom`) is enough for an entity, a template and half an attribute. */
const ADDRESSES = ["'onload='alert`1`", '&lt;img/src=x/onerror=alert`1`&gt;', "{{alert`1`}}", '${alert`1`}', "'--&gt;&#60;script&#62;", '%3cscript%3e', "'-alert`1`-'"]
  .map((local) => local.replace(/[^\w!#$%&'*+/=?^`{|}~-]/g, ''));

const AGENTS = [
  '<script>alert(1)</script>',
  '</script><script>alert(1)</script>',
  '</title></textarea></style></noscript><img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' autofocus onfocus='alert(1)",
  '<!--<script>--!><svg/onload=alert(1)>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  'Mozilla/5.0 <iframe srcdoc="<script>parent.alert(1)</script>"> Firefox/1<b>2',
];

test.beforeEach(({ page }) => {
  page.on('dialog', (dialog) => {
    throw new Error(`a dialog opened: ${dialog.message()}`);
  });
});

for (const local of ADDRESSES) {
  test(`an address like ${local} stays text on every page`, async ({ page, navigation, accountPage }) => {
    const email = `${local}.${randomUUID().slice(0, 8)}@example.org`.toLowerCase();
    await signUpIn(page, email);

    for (const path of [HomePage.path, AccountPage.path, DevicesPage.path, SecurityPage.path]) {
      await page.goto(path);
      await expect(navigation.signOutButton).toBeVisible();
      expect(await navigation.address(email).textContent()).toBe(email);
    }
    await page.goto(AccountPage.path);
    await accountPage.shows(email, mode);
    await expect(page.locator('main script, main img, main svg, main iframe, [onload], [onerror], [onfocus]')).toHaveCount(0);
  });
}

test('what a browser calls itself stays text in the list of devices', async ({ page, browser, email, signUp }) => {
  test.slow();
  await signUp();
  for (const userAgent of AGENTS) {
    const elsewhere = await browser.newContext({ userAgent });
    const signInPage = new SignInPage(await elsewhere.newPage());
    await signInPage.open();
    await signInPage.signIn(email, password);
    await new Navigation(elsewhere.pages()[0] ?? page).showsSignedIn(email);
    await elsewhere.close();
  }

  const devices = new DevicesPage(page);
  await devices.open();

  await devices.shows(AGENTS.length + 1);
  await expect(page.locator('main script, main img, main svg, main iframe, main b, [onload], [onerror], [onfocus]')).toHaveCount(0);
});

test('what was typed and refused stays text, with and without scripts', async ({ page, browser, origin, watch, signUpPage }) => {
  watch.allowRefusalBy('/api/');
  const hostile = `"><img src=x onerror=alert(1)>@example.org`;
  await signUpPage.open();
  await signUpPage.trustTheServerAlone();
  await signUpPage.signUp(hostile, password);
  await expect(signUpPage.email).toHaveAttribute('aria-invalid', 'true');
  await expect(signUpPage.email).toHaveValue(hostile);
  await expect(page.locator('main img')).toHaveCount(0);

  const plain = await browser.newContext({ javaScriptEnabled: false, baseURL: origin });
  const without = await plain.newPage();
  for (const path of [SignUpPage.path, SignInPage.path]) {
    for (const next of [hostile, `/"><script>alert(1)</script>`, `/account"onfocus="alert(1)`]) {
      await without.goto(`${path}?next=${encodeURIComponent(next)}&email=${encodeURIComponent(hostile)}`);
      await expect(without.locator('main img, main script, [onfocus]')).toHaveCount(0);
    }
  }
  await plain.close();
});
