import { type Locator, type Page } from '@playwright/test';

export class VerifyEmailPage {
  static readonly path = '/verify-email';
  readonly heading: Locator;
  readonly onItsWay: Locator;
  readonly password: Locator;
  readonly submit: Locator;
  readonly chooseAnother: Locator;
  readonly newPassword: Locator;
  readonly dead: Locator;
  readonly email: Locator;
  readonly again: Locator;
  readonly sentAgain: Locator;

  constructor(private readonly page: Page) {
    const main = page.getByRole('main');
    this.heading = page.getByRole('heading', { level: 1, name: 'Confirm your address' });
    this.onItsWay = page.getByText('If you have just signed up, a mail is on its way to you.');
    this.password = page.getByLabel('Password', { exact: true });
    this.submit = main.getByRole('button', { name: 'Confirm', exact: true });
    this.chooseAnother = main.getByRole('link', { name: 'Choose another password', exact: true });
    this.newPassword = page.getByLabel('New password', { exact: true });
    this.dead = page.getByText('This link does not work any more. Ask for another.');
    this.email = page.getByLabel('Email', { exact: true });
    this.again = main.getByRole('button', { name: 'Send it again', exact: true });
    this.sentAgain = page.getByText('If somebody signed up with this address, a mail is on its way to it once more.');
  }

  /** Whose address it is. */
  whose(email: string): Locator {
    return this.page.getByText(`Give the password that you chose for ${email}.`);
  }

  async confirm(password: string): Promise<void> {
    await this.password.fill(password);
    await this.submit.click();
  }
}
