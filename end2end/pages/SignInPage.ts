import { type Locator, type Page } from '@playwright/test';
import { hydrated } from './hydrated';

export class SignInPage {
  static readonly path = '/sign-in';
  readonly heading: Locator;
  readonly email: Locator;
  readonly password: Locator;
  readonly keep: Locator;
  readonly submit: Locator;
  readonly refusal: Locator;

  constructor(private readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1, name: 'Sign in' });
    this.email = page.getByLabel('Email', { exact: true });
    this.password = page.getByLabel('Password', { exact: true });
    this.keep = page.getByRole('checkbox', { name: 'Keep me signed in', exact: true });
    this.submit = page.getByRole('main').getByRole('button', { name: 'Sign in', exact: true });
    this.refusal = page.getByRole('alert');
  }

  async open(search = ''): Promise<void> {
    await this.page.goto(SignInPage.path + search);
    await hydrated(this.page);
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.email.fill(email);
    await this.password.fill(password);
    await this.submit.click();
  }

  async signInAndKeep(email: string, password: string): Promise<void> {
    await this.keep.check();
    await this.signIn(email, password);
  }

  /** What the browser does with the form by itself: no script gets to see it. */
  async sendWithoutScripts(): Promise<void> {
    await this.email.evaluate((input: HTMLInputElement) => input.form?.submit());
  }
}
