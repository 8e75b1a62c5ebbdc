import { type Page, expect } from '@playwright/test';

/** Waits until the WASM client has taken the page over. Never settles with JavaScript off. */
export async function hydrated(page: Page): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('data-hydrated');
}
