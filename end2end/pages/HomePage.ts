import { type Locator, type Page } from '@playwright/test';
import type { Mode } from '../mode';
import { hydrated } from './hydrated';

export class HomePage {
  static readonly path = '/';
  readonly heading: Locator;

  constructor(private readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1, name: /Twofold/ });
  }

  /** The paragraph that says how this build keeps people signed in. */
  modeLine(mode: Mode): Locator {
    const way = mode === 'jwt' ? 'JSON Web Tokens' : 'cookie sessions';
    return this.page.getByText(`This server runs with ${way}.`);
  }

  async open(): Promise<void> {
    await this.page.goto(HomePage.path);
    await hydrated(this.page);
  }
}
