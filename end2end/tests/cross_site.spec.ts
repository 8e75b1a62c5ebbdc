/**
 * CSRF, tried for real (SF-05): pages of other origins send all that a browser lets them send to all that there is, with
 * whatever cookies the browser adds. SameSite says nothing where the attacker is on the same site; the app still refuses.
 */
import { type Browser, type BrowserContext } from '@playwright/test';
import { type Attacker, attackFrom, endpoints, startAttacker } from '../attacker';
import { type Exchange, serveBehindTap } from '../tap';
import { AccountPage, DevicesPage, HomePage, Navigation, SecurityPage, SignInPage, expect, freshEmail, mode, password, signUpIn, test } from './fixtures';

const NEW_PASSWORD = 'the password of an attacker';

let attacker: Attacker;
test.beforeAll(async () => (attacker = await startAttacker()));
test.afterAll(async () => attacker.stop());

// SameSite keeps the cookies at home from the first of these only.
for (const { who, host, evil, cookiesAreSent } of [
  { who: 'another site', host: 'localhost', evil: '127.0.0.1', cookiesAreSent: false },
  { who: 'another port of the same host', host: 'localhost', evil: 'localhost', cookiesAreSent: true },
  { who: 'a subdomain', host: 'app.localhost', evil: 'evil.app.localhost', cookiesAreSent: true },
]) {
  test(`${who} cannot act, and signs nobody in`, async ({ browser }) => {
    const binary = process.env.TWOFOLD_SERVER ?? '';
    test.skip(!binary, 'Needs a server of its own, to see what arrives there.');
    test.slow();
    const app = await serveBehindTap(binary, host);

    try {
      const posts = await attackFails(browser, app.origin, `http://${evil}:${attacker.port}`, app.exchanges);
      const withProof = posts.filter(({ asked }) => asked.cookie?.includes(mode === 'jwt' ? 'refresh=' : 'session=')).length;
      if (cookiesAreSent) expect(withProof, 'SameSite does not help here').toBeGreaterThan(10);
      else expect(withProof, 'SameSite kept the cookies at home').toBe(0);
    } finally {
      await app.stop();
    }
  });
}

for (const path of [HomePage.path, SignInPage.path, AccountPage.path, DevicesPage.path, SecurityPage.path]) {
  test(`${path} cannot be framed, so that nobody is made to click there unawares`, async ({ page, watch, origin, signUp }) => {
    watch.allow(/^request: |frame-ancestors|X-Frame-Options|csp-report/i);
    await signUp();

    for (const evil of [`http://127.0.0.1:${attacker.port}`, `http://localhost:${attacker.port}`]) {
      await page.goto(evil);
      await page.evaluate((url) => {
        document.body.append(Object.assign(document.createElement('iframe'), { src: url }));
        document.body.append(Object.assign(document.createElement('object'), { data: url }));
        document.body.append(Object.assign(document.createElement('embed'), { src: url }));
      }, origin + path);

      // Of the three, Chromium makes a frame of two.
      const frames = () => page.frames().slice(1).map((frame) => frame.url());
      const refused = 'chrome-error://chromewebdata/';
      await expect.poll(frames, 'FE-15').toEqual([refused, refused]);
    }
  });
}

/** Attacks somebody who is signed in twice, and somebody who is not; gives what was sent with POST to the former. */
async function attackFails(browser: Browser, app: string, evil: string, exchanges: Exchange[]): Promise<Exchange[]> {
  const [victim, mallory, newcomer] = [freshEmail(), freshEmail(), freshEmail()];
  await (await signedUp(browser, app, mallory)).close();
  const elsewhere = await signedUp(browser, app, victim);
  const context = await signedIn(browser, app, victim);
  const sid = await otherSignIn(context);
  const fields = { email: mallory, password, keep: 'true', next: '/', username: mallory, id: sid, sid, _method: 'DELETE' };

  const arrived = await attackFrom(context, evil, { app, paths: endpoints(), fields }, exchanges);
  const signUp = { ...fields, email: newcomer, password: NEW_PASSWORD };
  const tried = await attackFrom(context, evil, { app, paths: ['/api/sign_up'], fields: signUp }, exchanges);

  expect(arrived.length).toBeGreaterThan(100);
  allRefused([...arrived, ...tried]);
  await stillSignedIn(context, victim, 2);
  await stillSignedIn(elsewhere, victim, 2);
  const stranger = await browser.newContext({ baseURL: app });
  const forStrangers = ['/api/sign_in', '/api/refresh', '/api/v1/token'];
  allRefused(await attackFrom(await withPage(stranger), evil, { app, paths: forStrangers, fields }, exchanges));
  await signedOut(stranger);
  await cannotSignIn(stranger, newcomer, NEW_PASSWORD);
  for (const used of [context, elsewhere, stranger]) await used.close();
  // With a link that is followed, Lax cookies travel from anywhere.
  return arrived.filter(({ method }) => method === 'POST');
}

function allRefused(exchanges: Exchange[]): void {
  for (const { method, path, status, setCookie } of exchanges) {
    const what = `SF-05 ${method} ${path}`;
    // 405 is for what takes no POST from anybody.
    if (method === 'POST') expect([403, 405], what).toContain(status);
    // What reads may be asked for from anywhere; the answer cannot be read there.
    else if (!path.includes('/api/v1/')) expect(status, what).toBeGreaterThanOrEqual(400);
    expect(setCookie, what).toEqual([]);
  }
}

async function withPage(context: BrowserContext): Promise<BrowserContext> {
  await context.newPage();
  return context;
}

async function signedUp(browser: Browser, app: string, email: string): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: app });
  await signUpIn(await context.newPage(), email);
  return context;
}

async function signedIn(browser: Browser, app: string, email: string): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: app });
  const page = await context.newPage();
  const signInPage = new SignInPage(page);
  await signInPage.open();
  await signInPage.signIn(email, password);
  await new Navigation(page).showsSignedIn(email);
  return context;
}

/** The id of the sign-in in the other browser: the attacker knows it, by whatever means. */
async function otherSignIn(context: BrowserContext): Promise<string> {
  const page = context.pages()[0];
  if (!page) throw new Error('no page is open');
  type Entry = { id: string; is_this_device: boolean };
  // In token mode only the page itself can ask: the token is bound to its key.
  const answered = mode === 'jwt' ? page.waitForResponse('**/api/sign_ins') : undefined;
  await (mode === 'jwt' ? new DevicesPage(page) : new HomePage(page)).open();
  const list = (answered
    ? await (await answered).json()
    : await page.evaluate(async () => (await fetch('/api/sign_ins', { method: 'POST', body: new URLSearchParams() })).json())) as Entry[];
  // What a page of the app asks by itself is no attack.
  await page.goto('about:blank');
  expect(list).toHaveLength(2);
  return list.find((entry) => !entry.is_this_device)?.id ?? '';
}

async function stillSignedIn(context: BrowserContext, email: string, count: number): Promise<void> {
  const page = await context.newPage();
  await page.goto(AccountPage.path);
  await new AccountPage(page).shows(email, mode);
  const devices = new DevicesPage(page);
  await devices.open();
  await devices.shows(count);
}

async function signedOut(context: BrowserContext): Promise<void> {
  const page = await context.newPage();
  await new HomePage(page).open();
  await new Navigation(page).showsSignedOut();
}

async function cannotSignIn(context: BrowserContext, email: string, secret: string): Promise<void> {
  const page = await context.newPage();
  const signInPage = new SignInPage(page);
  await signInPage.open();
  await signInPage.signIn(email, secret);
  await expect(signInPage.refusal).toBeVisible();
  await new Navigation(page).showsSignedOut();
}
