import { type Locator, type Page } from '@playwright/test';

export class ConfirmPage {
  static readonly path = '/confirm';
  readonly heading: Locator;
  readonly password: Locator;
  readonly submit: Locator;
  readonly refusal: Locator;

  constructor(page: Page) {
    const main = page.getByRole('main');
    this.heading = page.getByRole('heading', { level: 1, name: "Confirm it's you" });
    this.password = page.getByLabel('Password', { exact: true });
    this.submit = main.getByRole('button', { name: 'Confirm', exact: true });
    this.refusal = main.getByRole('alert');
  }

  async confirm(password: string): Promise<void> {
    await this.password.fill(password);
    await this.submit.click();
  }
}
