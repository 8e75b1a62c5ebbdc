/** The bar at the top of every page, which says who is signed in. */
import { type Locator, type Page, expect } from '@playwright/test';

export class Navigation {
  readonly bar: Locator;
  readonly home: Locator;
  readonly signUp: Locator;
  readonly signIn: Locator;
  readonly signOutButton: Locator;

  constructor(page: Page) {
    this.bar = page.getByRole('navigation', { name: 'Main' });
    this.home = this.bar.getByRole('link', { name: 'Twofold', exact: true });
    this.signUp = this.bar.getByRole('link', { name: 'Sign up', exact: true });
    this.signIn = this.bar.getByRole('link', { name: 'Sign in', exact: true });
    this.signOutButton = this.bar.getByRole('button', { name: 'Sign out', exact: true });
  }

  /** The link to the account page, whose text is the address of whoever is signed in. */
  address(email: string): Locator {
    return this.bar.getByRole('link', { name: email, exact: true });
  }

  async signOut(): Promise<void> {
    await this.signOutButton.click();
  }

  async showsSignedIn(email: string): Promise<void> {
    await expect(this.address(email)).toBeVisible();
    await expect(this.signOutButton).toBeVisible();
    await expect(this.signIn).toBeHidden();
  }

  async showsSignedOut(): Promise<void> {
    await expect(this.signIn).toBeVisible();
    await expect(this.signUp).toBeVisible();
    await expect(this.signOutButton).toBeHidden();
  }
}
