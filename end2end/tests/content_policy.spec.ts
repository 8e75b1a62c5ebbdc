/** The answer to XSS, where it counts: what a script that somebody smuggled in can still do. Nothing, and it is reported. */
import { type Page } from '@playwright/test';
import { AccountPage, DevicesPage, ForgotPasswordPage, HomePage, ResetPasswordPage, SecurityPage, SignInPage, SignUpPage, VerifyEmailPage, expect, hydrated, test } from './fixtures';
import { type Watch } from './watch';

const PAGES = [HomePage.path, SignInPage.path, SignUpPage.path, ForgotPasswordPage.path, ResetPasswordPage.path, VerifyEmailPage.path, AccountPage.path, DevicesPage.path, SecurityPage.path];
const SMUGGLED = `
  <script>window.ran = 'inline'</script>
  <script nonce="guessed">window.ran = 'wrong nonce'</script>
  <script src="/pkg/smuggled.js"></script>
  <img alt="" src="/favicon.svg" onload="window.ran = 'handler'">
  <svg onload="window.ran = 'svg handler'"></svg>
  <iframe title="" srcdoc="<script>parent.ran = 'frame'</script>"></iframe>
  <iframe title="" src="/account"></iframe>
  <object data="/favicon.svg"></object>
  <base href="https://evil.example/">
  <style>main { display: none }</style>
  <a id="lure" href="javascript:window.ran = 'address'">Click</a>`;

/** What Chromium says in the console when the policy stops something. */
function allowViolations(watch: Watch): void {
  watch.allow(/^error: violation: /);
  watch.allow(/Content Security Policy|This document requires 'Trusted/i);
}

test('markup that somebody smuggled into a page runs nothing, and is reported', async ({ page, watch }) => {
  allowViolations(watch);
  await page.route('**/sign-in', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace('</body>', `${SMUGGLED}</body>`);
    await route.fulfill({ response, body });
  });
  const reported = page.waitForResponse((response) => new URL(response.url()).pathname === '/csp-report');

  await page.goto(SignInPage.path);
  await hydrated(page);
  await page.locator('#lure').click();

  expect((await reported).status(), 'FE-05').toBe(204);
  const stopped = ['base-uri', 'frame-src', 'object-src', 'script-src-attr', 'script-src-elem', 'style-src-elem'];
  await expect.poll(() => watch.violations(), 'FE-02').toEqual(expect.arrayContaining(stopped));
  expect(await page.evaluate(() => (window as { ran?: string }).ran), 'FE-02').toBeUndefined();
  await expect(page.getByRole('main')).toBeVisible();
});

/** By name: each is given an element of the page, and a text that would act if it became markup or code. */
const SINKS: Record<string, (main: Element) => unknown> = {
  innerHTML: (main) => (main.innerHTML = '<b>text</b>'),
  outerHTML: (main) => (main.outerHTML = '<b>text</b>'),
  insertAdjacentHTML: (main) => main.insertAdjacentHTML('beforeend', '<b>text</b>'),
  'document.write': () => document.write('<b>text</b>'),
  'iframe.srcdoc': () => (document.createElement('iframe').srcdoc = '<b>text</b>'),
  'script.src': () => (document.createElement('script').src = 'https://evil.example/x.js'),
  'script.text': () => (document.createElement('script').text = 'window.ran = 1'),
  DOMParser: () => new DOMParser().parseFromString('<b>text</b>', 'text/html'),
  createContextualFragment: () => document.createRange().createContextualFragment('<b>text</b>'),
  eval: () => eval('1'),
  Function: () => new Function('return 1')(),
  'a template with a script': () => (document.createElement('template').innerHTML = '<script>window.ran = 1</script>'),
  'a template with a handler': () => (document.createElement('template').innerHTML = '<img src="/x" onerror="window.ran = 1">'),
  'a template with an unquoted handler': () => (document.createElement('template').innerHTML = '<img/onerror=window.ran=1 src=x>'),
  'a template with an address that runs': () => (document.createElement('template').innerHTML = '<a href="javascript:window.ran=1">x</a>'),
  'a template that hides a tag in an attribute': () => (document.createElement('template').innerHTML = '<xmp><p title="</xmp><script>window.ran=1</script>">'),
  'an SVG group with a link': () => (document.createElementNS('http://www.w3.org/2000/svg', 'g').innerHTML = '<use href="/favicon.svg#x"></use>'),
  'a template in the page': (main) => {
    const template = document.createElement('template');
    main.append(template);
    template.innerHTML = '<b>text</b>';
  },
  'a policy of its own': () => createPolicy('twofold'),
  'a default policy': () => createPolicy('default'),
};
declare function createPolicy(name: string): unknown;

test('no text becomes markup or code, whatever takes it', async ({ page, watch, signInPage }) => {
  allowViolations(watch);
  await signInPage.open();

  for (const [name, sink] of Object.entries(SINKS)) {
    expect(await threw(page, sink), `FE-07 ${name}`).toMatch(/^(TypeError|EvalError)$/);
  }
  expect(await page.evaluate(() => (window as { ran?: string }).ran)).toBeUndefined();
  await expect(signInPage.heading).toBeVisible();
});

test('what never changes in a view is still made from a text', async ({ page, signInPage }) => {
  await signInPage.open();

  const kept = await page.evaluate(() => {
    const template = document.createElement('template');
    template.innerHTML = '<p class="note" aria-live="polite">See <a href="/account?tab=1">1 &lt; 2</a><br></p>';
    const group = document.createElementNS('http://www.w3.org/2000/svg', 'g');
    group.innerHTML = '<path d="M0 0h4" stroke-width="2"></path>';
    return [template.content.textContent, group.childElementCount];
  });

  expect(kept).toEqual(['See 1 < 2', 1]);
});

for (const path of PAGES) {
  test(`no attribute on ${path} holds the nonce`, async ({ page, signUp }) => {
    await signUp();
    const response = await page.goto(path);
    await hydrated(page);

    const nonce = /'nonce-([^']+)'/.exec(response?.headers()['content-security-policy'] ?? '')?.[1] ?? '';
    expect(nonce.length).toBeGreaterThanOrEqual(22);
    const readable = await page.evaluate(() => {
      const attributes = [...document.querySelectorAll('*')].flatMap((element) => [...element.attributes]);
      return attributes.map((attribute) => attribute.value).join('\n') + document.documentElement.outerHTML;
    });
    expect(readable, 'FE-06, T19').not.toContain(nonce);
    expect(await page.evaluate(() => document.scripts[0]?.nonce), 'the test looks for what is there').toBe(nonce);
  });
}

test('every script, style and module comes from this origin under a name of its content', async ({ page, origin, signUp }) => {
  const loaded = new Map<string, string>();
  page.on('response', (response) => {
    const kind = response.request().resourceType();
    const { pathname } = new URL(response.url());
    if (['script', 'stylesheet'].includes(kind) || pathname.endsWith('.wasm')) {
      loaded.set(response.url(), response.headers()['cache-control'] ?? '');
    }
  });
  await signUp();
  for (const path of PAGES) {
    await page.goto(path);
    await hydrated(page);
  }

  expect(loaded.size).toBeGreaterThan(3);
  for (const [url, caching] of loaded) {
    expect(url, 'FE-08').toMatch(new RegExp(`^${origin}/pkg/[\\w./-]*[\\w-]{16,}\\.(js|wasm|css)$`));
    expect(caching, `FE-13 ${url}`).toContain('immutable');
  }
});

/** The name of the error that an attempt ends with, in a task of the page's own: what a debugger asks for may use `eval`. */
async function threw(page: Page, sink: (main: Element) => unknown): Promise<string> {
  return page.evaluate(`new Promise((done) => setTimeout(() => {
    const createPolicy = (name) => trustedTypes.createPolicy(name, { createHTML: (html) => html });
    try { (${String(sink)})(document.querySelector('main')); done('nothing'); } catch (error) { done(error.name); }
  }))`);
}
