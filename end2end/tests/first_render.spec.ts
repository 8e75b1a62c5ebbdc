/** What the server sends before any script has run. */
import type { APIRequestContext } from '@playwright/test';
import { AccountPage, expect, mode, test } from './fixtures';

test('the first bytes of a page already name who is signed in', async ({ context, email, signUp }) => {
  test.skip(mode !== 'session', 'In token mode the server cannot know the viewer of a page.');
  await signUp();

  const html = await (await context.request.get(AccountPage.path)).text();

  const navigation = /<nav\b[^>]*aria-label="Main"[^>]*>.*?<\/nav>/s.exec(html)?.[0];
  expect(navigation).toContain(email);
  expect(navigation).toContain('Sign out');
  expect(html).toContain('Member since');
});

test('the first bytes of a guarded page are the same for everybody', async ({ context, playwright, origin, email, signUp }) => {
  test.skip(mode !== 'jwt', 'In cookie mode the server knows the viewer, and sends the others to the sign-in page.');
  await signUp();
  const stranger = await playwright.request.newContext({ baseURL: origin });

  const mine = await shell(context.request, AccountPage.path);
  const theirs = await shell(stranger, AccountPage.path);

  expect(mine, 'RT-14').toBe(theirs);
  expect(mine).not.toContain(email);
  expect(mine).not.toContain('Member since');
  await stranger.dispose();
});

/** The HTML of a page, less the nonce and the reference that are new in every answer. */
async function shell(request: APIRequestContext, path: string): Promise<string> {
  const response = await request.get(path, { maxRedirects: 0 });
  expect(response.status()).toBe(200);
  const nonce = /'nonce-([^']+)'/.exec(response.headers()['content-security-policy'] ?? '')?.[1];
  const html = await response.text();
  const reference = response.headers()['x-request-id'];
  return [nonce, reference].reduce<string>((text, known) => (known ? text.replaceAll(known, 'NEW') : text), html);
}
