import { type Locator, type Page, expect } from '@playwright/test';
import type { Mode } from '../mode';
import { hydrated } from './hydrated';

export class AccountPage {
  static readonly path = '/account';
  readonly heading: Locator;
  private readonly main: Locator;

  constructor(private readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1, name: 'Your account' });
    this.main = page.getByRole('main');
  }

  async open(): Promise<void> {
    await this.page.goto(AccountPage.path);
    await hydrated(this.page);
  }

  async shows(email: string, mode: Mode): Promise<void> {
    await expect(this.heading).toBeVisible();
    await expect(this.main).toContainText(email);
    await expect(this.main).toContainText('Member since');
    await expect(this.main).toContainText('Signed in with');
    await expect(this.main).toContainText(mode === 'jwt' ? 'JWT' : 'cookie session');
  }
}
