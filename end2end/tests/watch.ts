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

  /** Has every page say when its policy stops something: not all of it reaches the console by itself. */
  async listen(context: BrowserContext): Promise<void> {
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
        console.error(`violation: ${effectiveDirective} ${blockedURI}`);
      });
    });
  }

  /** The directives that stopped something, in the order of the alphabet. */
  violations(): string[] {
    const directives = this.lines.map((line) => /^error: violation: (\S+)/.exec(line)?.[1]);
    return [...new Set(directives.filter((directive) => directive !== undefined))].sort();
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
