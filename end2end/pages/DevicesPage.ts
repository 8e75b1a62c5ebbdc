import { type Locator, type Page, expect } from '@playwright/test';
import { hydrated } from './hydrated';

export class DevicesPage {
  static readonly path = '/account/devices';
  readonly heading: Locator;
  readonly rows: Locator;
  readonly thisDevice: Locator;
  readonly others: Locator;
  readonly endOthers: Locator;
  readonly endAll: Locator;

  constructor(private readonly page: Page) {
    const main = page.getByRole('main');
    this.heading = page.getByRole('heading', { level: 1, name: 'Your devices' });
    this.rows = main.getByRole('listitem');
    this.thisDevice = this.rows.filter({ hasText: 'This device' });
    this.others = this.rows.filter({ hasNotText: 'This device' });
    this.endOthers = main.getByRole('button', { name: 'End all others', exact: true });
    this.endAll = main.getByRole('button', { name: 'End all, also this one', exact: true });
  }

  async open(): Promise<void> {
    await this.page.goto(DevicesPage.path);
    await hydrated(this.page);
  }

  async shows(count: number): Promise<void> {
    await expect(this.heading).toBeVisible();
    await expect(this.thisDevice).toHaveCount(1);
    await expect(this.rows).toHaveCount(count);
  }

  row(device: string): Locator {
    return this.rows.filter({ has: this.page.getByRole('heading', { name: device }) });
  }

  /** The button that ends the sign-in of a row that is not this device. */
  endButton(row: Locator): Locator {
    return row.getByRole('button', { name: /^End / });
  }
}
