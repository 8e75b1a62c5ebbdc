/** Token mode: the token is bound to a key that cannot leave this browser (RFC 9449), so stealing it is not worth it (RT-15). */
import { type Page, type Request, request } from '@playwright/test';
import { AccountPage, HomePage, Navigation, SignInPage, expect, mode, test } from './fixtures';
import { isCall, proofCookie, storeToken, storedToken } from './proof';

test.skip(mode !== 'jwt', 'A session cookie is out of the reach of scripts; there is nothing to copy.');

test('a token that a script copied out of storage is worth nothing elsewhere', async ({ page, signUp, email, navigation }) => {
  await signUp();
  const stolen = await storedToken(page);
  const origin = new URL(page.url()).origin;
  const thief = await request.newContext({ baseURL: origin });

  for (const scheme of ['Bearer', 'DPoP']) {
    const headers = { Authorization: `${scheme} ${stolen}`, 'Sec-Fetch-Site': 'same-origin' };
    for (const endpoint of ['/api/account', '/api/sign_out', '/api/sign_ins']) {
      const answer = await thief.post(endpoint, { headers, form: {} });
      expect(answer.status(), `${scheme} ${endpoint}`).toBe(401);
      expect(await answer.text()).not.toContain(email);
    }
    expect((await thief.get('/api/v1/me', { headers })).status(), scheme).toBe(401);
  }

  await page.reload();
  await navigation.showsSignedIn(email);
  await thief.dispose();
});

test('neither is everything that a browser keeps, in another browser with a key of its own', async ({ page, browser, context, signUp, email, navigation }) => {
  await signUp();
  const cookie = await proofCookie(context);
  const elsewhere = await browser.newContext();
  const thief = await elsewhere.newPage();
  await thief.goto(new URL(SignInPage.path, page.url()).href);
  await storeToken(thief, await storedToken(page));
  if (cookie) await elsewhere.addCookies([cookie]);

  await thief.goto(new URL(AccountPage.path, page.url()).href);

  await expect(new SignInPage(thief).heading).toBeVisible();
  await new Navigation(thief).showsSignedOut();
  await page.reload();
  await navigation.showsSignedIn(email);
  await elsewhere.close();
});

test('a page from before the operator turned it on proves possession as soon as it is asked to', async ({ page, watch, signUp, email, navigation }) => {
  watch.allowRefusalBy('/api/');
  await signUp();
  await page.route(new URL(AccountPage.path, page.url()).href, async (route) => {
    const answer = await route.fetch();
    const [before, after] = (await answer.text()).split(/(?<=\\"nonce\\":)\\"[\w-]+\\"/);
    await route.fulfill({ response: answer, body: `${before}null${after}` });
  });

  await page.goto(AccountPage.path);

  await new AccountPage(page).shows(email, mode);
  await navigation.showsSignedIn(email);
});

test('no script can read the key', async ({ page, signUp }) => {
  await signUp();

  const found = await page.evaluate(async () => {
    const wait = <T>(asked: IDBRequest<T>) =>
      new Promise<T>((done, failed) => {
        asked.onsuccess = () => done(asked.result);
        asked.onerror = () => failed(asked.error);
      });
    const database = await wait(indexedDB.open('twofold'));
    const keys = database.transaction('keys').objectStore('keys');
    const pair = (await wait(keys.get('possession'))) as CryptoKeyPair;
    const exports = ['jwk', 'pkcs8'].map((format) =>
      crypto.subtle.exportKey(format as 'jwk', pair.privateKey).then(
        () => 'exported',
        (error: Error) => error.name,
      ),
    );
    return { extractable: pair.privateKey.extractable, exports: await Promise.all(exports) };
  });

  expect(found).toEqual({ extractable: false, exports: ['InvalidAccessError', 'InvalidAccessError'] });
});

test('every call proves possession anew, of the same key in every tab', async ({ page, context, email, signUp }) => {
  await signUp();
  const proofs: Proof[] = [];
  context.on('request', (sent) => isCall(sent) && proofs.push(proofOf(sent)));
  const second = await context.newPage();

  await page.goto(AccountPage.path);
  await new AccountPage(page).shows(email, mode);
  await second.goto(new URL(AccountPage.path, page.url()).href);
  await new AccountPage(second).shows(email, mode);

  expect(proofs.length).toBeGreaterThanOrEqual(4);
  expect(new Set(proofs.map((proof) => proof.claims.jti)).size).toBe(proofs.length);
  expect(new Set(proofs.map((proof) => JSON.stringify(proof.header))).size).toBe(1);
});

test('a page that was open for longer than its nonce is good goes on', async ({ page, watch, signUp, email }) => {
  watch.allowRefusalBy('/api/');
  await signUp();
  const sent: Proof[] = [];
  page.on('request', (call) => call.url().endsWith('/api/account') && sent.push(proofOf(call)));
  let given = '';
  await page.route(
    '**/api/account',
    async (route) => {
      // One is good for a second, and then there is another.
      const old = proofOf(route.request()).claims.nonce;
      await expect.poll(async () => (given = await newNonce(page))).not.toBe(old);
      const challenge = 'DPoP realm="twofold", error="use_dpop_nonce"';
      const headers = { 'www-authenticate': challenge, 'dpop-nonce': given };
      await route.fulfill({ status: 401, headers, json: { error: 'use_dpop_nonce' } });
    },
    { times: 1 },
  );

  await page.goto(AccountPage.path);

  await new AccountPage(page).shows(email, mode);
  expect(sent.map((proof) => proof.claims.nonce === given)).toEqual([false, true]);
});

test('a browser that keeps no key is signed in with a plain token', async ({ page, signUp, navigation, email }) => {
  await page.addInitScript(() => Object.defineProperty(window, 'indexedDB', { value: undefined }));
  await signUp();

  const call = page.waitForRequest((sent) => sent.url().endsWith('/api/viewer'));
  await page.goto(HomePage.path);

  expect((await (await call).allHeaders()).authorization).toBe(`Bearer ${await storedToken(page)}`);
  await navigation.showsSignedIn(email);
});

type Proof = { header: object; claims: { jti: string; nonce: string } };

function proofOf(sent: Request): Proof {
  const [header, claims] = (sent.headers().dpop ?? '').split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString() || '{}') as object);
  return { header: header ?? {}, claims: claims as Proof['claims'] };
}

/** The server gives one to whoever shows any proof at all. */
async function newNonce(page: Page): Promise<string> {
  const answer = await page.request.post('/api/viewer', { headers: { DPoP: 'x', 'Sec-Fetch-Site': 'same-origin' }, form: {} });
  return answer.headers()['dpop-nonce'] ?? '';
}
