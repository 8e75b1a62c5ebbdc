/** Another site: it serves one empty page under every name and address of this machine, and that page attacks. */
import { readFileSync, readdirSync } from 'node:fs';
import { type AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type BrowserContext, type Request, expect } from '@playwright/test';
import { type Exchange } from './tap';

export type Attacker = { port: number; stop: () => Promise<void> };

export async function startAttacker(): Promise<Attacker> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    // Or the browser would tell the victim where the form came from, by `Referer` too.
    response.setHeader('referrer-policy', 'no-referrer');
    response.end('<!DOCTYPE html><title>Free kittens</title><main></main>');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const stop = () => new Promise<void>((stopped) => {
    server.closeAllConnections();
    server.close(() => stopped());
  });
  return { port: (server.address() as AddressInfo).port, stop };
}

/** Every server function there is, also those that are added later, and the JSON API. */
export function endpoints(): string[] {
  const folder = join(__dirname, '../app/src/api');
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.rs'));
  const named = sources.flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(/endpoint = "([^"]+)"/g)]);
  expect(named.length).toBeGreaterThan(9);
  const functions = named.map((match) => `/api/${match[1]}`);
  return [...functions, '/api/v1/token', '/api/v1/token/refresh', '/api/v1/sign-ins', '/api/v1/me'];
}

export type Target = { app: string; paths: string[]; fields: Record<string, string> };

/** Each runs in the attacker's page, and sends to every path. */
export const VECTORS: Record<string, (target: Target & { enctypes: string[] }) => void> = {
  'forms of all encodings in frames': ({ app, paths, fields, enctypes }) => {
    for (const [number, [path, enctype]] of paths.flatMap((path) => enctypes.map((enctype) => [path, enctype] as const)).entries()) {
      const frame = document.createElement('iframe');
      frame.name = `frame-${number}`;
      const form = Object.assign(document.createElement('form'), { method: 'post', action: app + path, enctype, target: frame.name });
      for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement('input'), { name, value }));
      document.body.append(frame, form);
      form.submit();
    }
  },
  'forms of all encodings in windows': ({ app, paths, fields, enctypes }) => {
    for (const [path, enctype] of paths.flatMap((path) => enctypes.map((enctype) => [path, enctype] as const))) {
      const form = Object.assign(document.createElement('form'), { method: 'post', action: app + path, enctype, target: '_blank' });
      for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement('input'), { name, value }));
      document.body.append(form);
      form.submit();
    }
  },
  'fetch without CORS': ({ app, paths, fields }) => {
    for (const path of paths) {
      const body = new URLSearchParams(fields);
      void fetch(app + path, { method: 'POST', mode: 'no-cors', credentials: 'include', body }).catch(() => undefined);
      void fetch(app + path, { method: 'POST', mode: 'no-cors', credentials: 'include', body: JSON.stringify(fields) }).catch(() => undefined);
    }
  },
  'fetch with credentials': ({ app, paths, fields }) => {
    for (const path of paths) {
      void fetch(app + path, { method: 'POST', credentials: 'include', body: new URLSearchParams(fields) }).catch(() => undefined);
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
        const headers = { 'content-type': 'application/json', 'x-http-method-override': 'POST' };
        void fetch(app + path, { method, credentials: 'include', headers, body: JSON.stringify(fields) }).catch(() => undefined);
      }
    }
  },
  beacons: ({ app, paths, fields }) => {
    for (const path of paths) navigator.sendBeacon(app + path, new URLSearchParams(fields));
  },
  images: ({ app, paths, fields }) => {
    for (const path of paths) new Image().src = `${app}${path}?${new URLSearchParams(fields)}&_method=POST`;
  },
  frames: ({ app, paths, fields }) => {
    for (const path of paths) {
      document.body.append(Object.assign(document.createElement('iframe'), { src: `${app}${path}?${new URLSearchParams(fields)}` }));
    }
  },
  'windows on GET': ({ app, paths, fields }) => {
    for (const path of paths) open(`${app}${path}?${new URLSearchParams(fields)}`);
  },
};

const ENCTYPES = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];

/** Everything from pages of `evil`, one way after the other, until all of it is answered; gives what of it arrived. */
export async function attackFrom(context: BrowserContext, evil: string, target: Target, exchanges: Exchange[]): Promise<Exchange[]> {
  const arrivedBefore = exchanges.length;
  let [sent, settled] = [0, 0];
  const isAttack = (request: Request) => request.url().startsWith(`${target.app}/`);
  context.on('request', (request) => (sent += Number(isAttack(request))));
  context.on('requestfailed', (request) => (settled += Number(isAttack(request))));
  context.on('requestfinished', (request) => (settled += Number(isAttack(request))));
  const [kept] = context.pages();
  for (const [name, vector] of Object.entries(VECTORS)) {
    const before = sent;
    const page = await context.newPage();
    await page.goto(evil);
    await page.evaluate(vector, { ...target, enctypes: ENCTYPES });
    await expect.poll(() => sent - before, name).toBeGreaterThanOrEqual(target.paths.length);
    await expect.poll(() => sent - settled, name).toBeLessThanOrEqual(0);
    for (const open of context.pages()) if (open !== kept) await open.close();
  }
  await followLinks(context, evil, target);
  return exchanges.slice(arrivedBefore).filter(({ path }) => path.startsWith('/api/'));
}

/** A link on the attacker's page, clicked by the person themselves: a top-level GET, with Lax cookies. */
async function followLinks(context: BrowserContext, evil: string, { app, paths, fields }: Target): Promise<void> {
  for (const path of paths) {
    const page = await context.newPage();
    await page.goto(evil);
    const answered = page.waitForResponse((response) => response.url().startsWith(app + path));
    await page.evaluate((url) => location.assign(url), `${app}${path}?${new URLSearchParams(fields)}`);
    await answered;
    await page.close();
  }
}
