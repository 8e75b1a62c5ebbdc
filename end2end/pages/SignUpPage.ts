import { type Locator, type Page } from '@playwright/test';
import { hydrated } from './hydrated';

export class SignUpPage {
  static readonly path = '/sign-up';
  readonly email: Locator;
  readonly password: Locator;
  readonly submit: Locator;
  readonly refusal: Locator;
  readonly strength: Locator;
  readonly meter: Locator;

  constructor(private readonly page: Page) {
    this.email = page.getByLabel('Email', { exact: true });
    this.password = page.getByLabel('Password', { exact: true });
    this.submit = page.getByRole('main').getByRole('button', { name: 'Sign up', exact: true });
    this.refusal = page.getByRole('alert');
    this.strength = page.getByRole('main').getByRole('status');
    this.meter = this.strength.locator('meter');
  }

  async open(): Promise<void> {
    await this.page.goto(SignUpPage.path);
    await hydrated(this.page);
  }

  async signUp(email: string, password: string): Promise<void> {
    await this.email.fill(email);
    await this.password.fill(password);
    await this.submit.click();
  }

  /** Keeps the browser's own checks out of the way, so that the server's answer is what shows. */
  async trustTheServerAlone(): Promise<void> {
    await this.email.evaluate((input: HTMLInputElement) => {
      if (input.form) input.form.noValidate = true;
    });
  }
}
