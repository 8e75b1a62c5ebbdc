/** What /sign-up says about a new password while it is typed: advice that is loaded when it is needed, and never in the way. */
import { type Page } from '@playwright/test';
import { SignUpPage, expect, mode, password, test } from './fixtures';

const ESTIMATOR = /\/pkg\/split_estimate[^/]*\.wasm$/;
const WEAK = 'passwordpassword';
/** Weak as well, and on no list. */
const REPEATED = 'jjjjjjjjjjjjj';
const LONG = 'Tr0ub4dor&3 p@ssw0rd 19/11/1987 qwertyuiop '.repeat(20);

/** What the page asks for from now on, by method and path. */
function watchRequests(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
  return asked;
}

test('a weak password is told from a strong one, in words and as a meter', async ({ signUpPage }) => {
  await signUpPage.open();
  await expect(signUpPage.strength).toBeEmpty();

  await signUpPage.password.pressSequentially(WEAK);
  await expect(signUpPage.strength).toHaveText(/^(Very weak|Weak): \w.+\.$/);
  await expect(signUpPage.meter).toHaveJSProperty('value', 1);
  await expect(signUpPage.strength).toHaveRole('status');

  await signUpPage.password.fill(password);
  await expect(signUpPage.strength).toHaveText('Strong.');
  await expect(signUpPage.meter).toHaveJSProperty('value', 5);

  await signUpPage.password.fill('');
  await expect(signUpPage.strength).toBeEmpty();
});

test('the estimator is loaded at the first letter, once, and what is typed stays in the browser', async ({ page, signUpPage }) => {
  await signUpPage.open();
  const asked = watchRequests(page);
  await signUpPage.email.fill('somebody@example.org');
  await signUpPage.password.pressSequentially(WEAK);
  await expect(signUpPage.strength).toHaveText(/weak/i);
  await signUpPage.password.fill(password);
  await expect(signUpPage.strength).toHaveText('Strong.');

  // A build without --split, as `cargo leptos watch` makes it, has it with the rest.
  const isSplit = (await (await page.request.get('/')).text()).includes('split___');
  expect(asked.filter((request) => ESTIMATOR.test(request)).length).toBe(isSplit ? 1 : 0);
  for (const request of asked) expect(request, 'only code is asked for').toMatch(/^GET \/pkg\//);
});

test('a weak password is advised against and taken all the same', async ({ email, signUpPage, navigation }) => {
  await signUpPage.open();
  await signUpPage.password.fill(REPEATED);
  await expect(signUpPage.strength).toHaveText(/weak/i);

  await signUpPage.signUp(email, REPEATED);

  await navigation.showsSignedIn(email);
});

for (const [trouble, stop] of [
  ['never arrives', () => {}],
  ['cannot be loaded', 'abort'],
  ['is not there any more', 404],
] as const) {
  test(`typing and sending go on where the estimator ${trouble}`, async ({ page, watch, email, signUpPage, navigation }) => {
    watch.allow(/split_estimate|__wasm_split|^exception: Failed to fetch$/);
    await page.route(ESTIMATOR, (route) => {
      if (stop === 'abort') return route.abort();
      if (stop === 404) return route.fulfill({ status: 404, body: 'gone' });
      return stop();
    });
    await signUpPage.open();
    const asked = page.waitForRequest(ESTIMATOR);
    await signUpPage.password.pressSequentially('quiet harbour');
    const isSplit = (await (await page.request.get('/')).text()).includes('split___');
    test.skip(!isSplit, 'A build without --split has no chunks.');
    await asked;
    await signUpPage.password.pressSequentially(' under seven lamps');
    await expect(signUpPage.password).toHaveValue(password);
    await expect(signUpPage.strength).toBeEmpty();

    await signUpPage.signUp(email, password);

    await navigation.showsSignedIn(email);
  });
}

test('no letter waits for the estimator, however long the password is', async ({ page, signUpPage }) => {
  await signUpPage.open();
  await signUpPage.password.fill(WEAK);
  await expect(signUpPage.strength).toHaveText(/weak/i);

  // What else the machine does may make the page stand still as well, but hardly three times; the estimator does it every time.
  const waits: number[] = [];
  for (const last of ['a', 'b', 'c']) waits.push(await standsStillFor(page, LONG + last));

  await expect(signUpPage.strength).toHaveText(/Strong|Good|Fair|weak/i);
  console.log(`${mode}: the page stood still for ${waits.map((wait) => wait.toFixed(0)).join(', ')} ms at the longest`);
  expect(Math.min(...waits)).toBeLessThan(500);
});

/** For how many milliseconds at the longest nothing moves in the three seconds after this is typed. */
function standsStillFor(page: Page, typed: string): Promise<number> {
  return page.evaluate(
    (typed) =>
      new Promise<number>((done) => {
        let longest = 0;
        let before = performance.now();
        const field = document.querySelector<HTMLInputElement>('#password');
        const until = before + 3000;
        if (field) {
          field.value = typed;
          field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        }
        const look = () => {
          const now = performance.now();
          longest = Math.max(longest, now - before);
          before = now;
          if (now < until) setTimeout(look, 1);
          else done(longest);
        };
        look();
      }),
    typed,
  );
}

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('there is nothing about strength', async ({ page, signUpPage }) => {
    await page.goto(SignUpPage.path);

    await expect(signUpPage.password).toBeVisible();
    await expect(signUpPage.meter).toHaveCount(0);
    await expect(signUpPage.strength).toBeEmpty();
  });
});
