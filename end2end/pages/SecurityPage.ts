import { type Locator, type Page, expect } from '@playwright/test';
import { hydrated } from './hydrated';

export class SecurityPage {
  static readonly path = '/account/security';
  readonly heading: Locator;
  readonly events: Locator;

  constructor(private readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1, name: 'Security' });
    this.events = page.getByRole('main').getByRole('listitem');
  }

  async open(): Promise<void> {
    await this.page.goto(SecurityPage.path);
    await hydrated(this.page);
  }

  /** What happened, newest first, and whether it was refused. */
  async shows(what: (string | RegExp)[]): Promise<void> {
    await expect(this.heading).toBeVisible();
    await expect(this.events.getByRole('heading')).toHaveText(what);
  }
}
