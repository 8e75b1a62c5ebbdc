import { type Locator, type Page } from '@playwright/test';
import { hydrated } from './hydrated';

export class ForgotPasswordPage {
  static readonly path = '/forgot-password';
  readonly heading: Locator;
  readonly email: Locator;
  readonly submit: Locator;
  readonly asked: Locator;

  constructor(private readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1, name: 'Forgot your password?' });
    this.email = page.getByLabel('Email', { exact: true });
    this.submit = page.getByRole('main').getByRole('button', { name: 'Send the link', exact: true });
    this.asked = page.getByText('If there is an account with this address, a link is on its way to it.');
  }

  async open(): Promise<void> {
    await this.page.goto(ForgotPasswordPage.path);
    await hydrated(this.page);
  }

  async ask(email: string): Promise<void> {
    await this.email.fill(email);
    await this.submit.click();
  }
}
