/** SF-08: Leptos shows the error named in `?__path=…&__err=…`. Nobody may put words into our mouth that way. */
import { SignInPage, SignUpPage, expect, hydrated, test } from './fixtures';

const LURE = 'Your account is locked, call +1-555-0100';
const ERRORS = [LURE, `ServerError|${LURE}`, JSON.stringify(LURE), JSON.stringify({ ServerError: LURE }), JSON.stringify({ Internal: LURE })];

for (const path of [SignInPage.path, SignUpPage.path]) {
  test(`a crafted error link to ${path} shows none of its words`, async ({ page, context, watch }) => {
    watch.allowRefusalBy(path);
    await page.goto(path);
    const action = await page.getByLabel('Email', { exact: true }).evaluate((input: HTMLInputElement) => input.form?.getAttribute('action'));
    expect(action).toMatch(/^\/api\//);

    for (const error of ERRORS) {
      for (const encoding of ['base64url', 'base64'] as const) {
        const query = new URLSearchParams({ __path: action ?? '', __err: Buffer.from(error).toString(encoding) });
        const url = `${path}?${query}`;

        const html = await (await context.request.get(url)).text();
        await page.goto(url);
        await hydrated(page);

        expect(html).not.toContain('555-0100');
        await expect(page.locator('body')).not.toContainText('555-0100');
        await expect(page.getByLabel('Email', { exact: true })).toBeVisible();
      }
    }
  });
}
