/**
 * What a sign-in leaves in the browser. Cookie mode leaves one cookie; token mode leaves an access token in
 * localStorage, and a refresh cookie that only the refresh endpoint ever receives.
 */
import { type BrowserContext, type Cookie, type Page, type Request, expect } from '@playwright/test';
import { mode } from '../mode';

export const ACCESS_TOKEN_KEY = 'twofold.access_token';
export const REFRESH_PATH = '/api/refresh';

/** What somebody may find, or put, under the key. The last one looks like a token until the server sees it. */
export const GARBAGE = [
  '',
  '{not json',
  'null',
  '42',
  '"not.a.token"',
  '{"token":7,"expires_at":"soon"}',
  '{"token":"\\ud800","expires_at":9e15}',
  '{"token":"line\\nbreak","expires_at":9e15}',
  '{"token":"not.a.token","expires_at":9e15}',
];

/** How the cookie of this mode has to look (SE-05, RT-09). */
export const cookieRules =
  mode === 'jwt'
    ? { name: '__Secure-refresh', path: REFRESH_PATH, sameSite: 'Strict', httpOnly: true, secure: true }
    : { name: '__Host-session', path: '/', sameSite: 'Lax', httpOnly: true, secure: true };

export async function proofCookie(context: BrowserContext): Promise<Cookie | undefined> {
  return (await context.cookies()).find((cookie) => cookie.name === cookieRules.name);
}

export async function storedEntries(page: Page): Promise<Record<string, string>> {
  return page.evaluate(() => ({ ...window.localStorage }));
}

export async function storedToken(page: Page): Promise<string> {
  const text = (await storedEntries(page))[ACCESS_TOKEN_KEY];
  expect(text, `localStorage holds ${ACCESS_TOKEN_KEY}`).toBeDefined();
  return (JSON.parse(text ?? '{}') as { token: string }).token;
}

/** Puts any text at all where the access token belongs. */
export async function storeText(page: Page, text: string): Promise<void> {
  await page.evaluate(([key, value]) => window.localStorage.setItem(key, value), [ACCESS_TOKEN_KEY, text] as const);
}

/** Stores a token as the app does, with the time at which this browser takes it for expired. */
export async function storeToken(page: Page, token: string, expiresInSeconds = 300): Promise<void> {
  await storeText(page, JSON.stringify({ token, expires_at: Date.now() + expiresInSeconds * 1000 }));
}

export async function storeExpiredToken(page: Page): Promise<void> {
  await storeToken(page, expired(await storedToken(page)), -1);
}

export type Claims = { iat: number; exp: number } & Record<string, unknown>;

export function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims;
}

/** The token with an earlier life: expired to whoever reads it, and with a signature that no longer fits. */
function expired(token: string): string {
  const [header, , signature] = token.split('.');
  const claims = claimsOf(token);
  const older = { ...claims, iat: claims.iat - 3600, exp: claims.iat - 1800 };
  return [header, Buffer.from(JSON.stringify(older)).toString('base64url'), signature].join('.');
}

/** A server function, or any other call below `/api/`, but not the renewal of a token. */
export function isCall(request: Request): boolean {
  const { pathname } = new URL(request.url());
  return pathname.startsWith('/api/') && pathname !== REFRESH_PATH;
}

export function isRenewal(request: Request): boolean {
  return new URL(request.url()).pathname === REFRESH_PATH;
}

/** Nothing of the sign-in is left in this browser (SE-06, RT-11). */
export async function expectNoProofLeft(page: Page): Promise<void> {
  await expect.poll(() => proofCookie(page.context()), 'the cookie jar').toBeUndefined();
  await expect.poll(() => storedEntries(page), 'localStorage').toEqual({});
}
