/**
 * Listens to every page of a test for what a visitor never sees: console errors and warnings (a hydration
 * mismatch and a breach of the content security policy are such lines), exceptions, and requests to other origins.
 */
import { type BrowserContext, expect } from '@playwright/test';

export class Watch {
  private readonly lines: string[] = [];
  private readonly allowed: RegExp[] = [];

  constructor(context: BrowserContext, origin: string) {
    context.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        this.lines.push(`${message.type()}: ${message.text()} ${message.location().url}`);
      }
    });
    context.on('weberror', (error) => this.lines.push(`exception: ${error.error().message}`));
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith('http') && url.origin !== origin) this.lines.push(`request: ${request.url()}`);
    });
  }

  /** Chromium writes a line about every 4xx answer. A test that provokes one names the path it expects it from. */
  allowRefusalBy(path: string): void {
    const escaped = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    this.allow(new RegExp(`^error: Failed to load resource: the server responded with a status of 4\\d\\d .*${escaped}`));
  }

  allow(line: RegExp): void {
    this.allowed.push(line);
  }

  sawNothingUnexpected(): void {
    const unexpected = this.lines.filter((line) => !this.allowed.some((allowed) => allowed.test(line)));
    expect(unexpected, 'what the console said, and requests to other origins').toEqual([]);
  }
}
