import { type Locator, type Page } from '@playwright/test';

export class ResetPasswordPage {
  static readonly path = '/reset-password';
  readonly heading: Locator;
  readonly password: Locator;
  readonly submit: Locator;
  readonly done: Locator;
  readonly dead: Locator;

  constructor(private readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1, name: 'Set a new password' });
    this.password = page.getByLabel('New password', { exact: true });
    this.submit = page.getByRole('main').getByRole('button', { name: 'Set password', exact: true });
    this.done = page.getByText('Your new password is set, and every sign-in has ended. Sign in with it.');
    this.dead = page.getByText('This link does not work any more. Ask for another.');
  }

  /** Whose password it is. */
  whose(email: string): Locator {
    return this.page.getByText(`For ${email}`);
  }

  async set(password: string): Promise<void> {
    await this.password.fill(password);
    await this.submit.click();
  }
}
