import { type Locator, type Page } from '@playwright/test';
import { hydrated } from './hydrated';

export class PasswordPage {
  static readonly path = '/account/password';
  readonly heading: Locator;
  readonly current: Locator;
  readonly password: Locator;
  readonly submit: Locator;
  readonly changed: Locator;

  constructor(private readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1, name: 'Change your password' });
    this.current = page.getByLabel('Current password', { exact: true });
    this.password = page.getByLabel('New password', { exact: true });
    this.submit = page.getByRole('main').getByRole('button', { name: 'Change password', exact: true });
    this.changed = page.getByText('Your password is changed. Every other sign-in has ended.');
  }

  async open(): Promise<void> {
    await this.page.goto(PasswordPage.path);
    await hydrated(this.page);
  }

  async change(current: string, password: string): Promise<void> {
    await this.current.fill(current);
    await this.password.fill(password);
    await this.submit.click();
  }
}
