/** Over TLS a browser sends what the policy stopped by the Reporting API, and does not look at `report-uri` any more (FE-05). */
import { execFileSync } from 'node:child_process';
import { X509Certificate, createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { launchOptions } from '../browser';
import { type Certificate, serveBehindTap } from '../tap';
import { HomePage, expect, test } from './fixtures';

test('over TLS, what the policy stops is reported to the endpoint by its name', async () => {
  const binary = process.env.TWOFOLD_SERVER ?? '';
  test.skip(!binary, 'Needs a server of its own, behind TLS.');
  const { key, cert, fingerprint } = makeCertificate();
  const app = await serveBehindTap(binary, 'localhost', { key, cert });
  // Otherwise reports wait a minute for more of them, and an unknown certificate gets none at all.
  const args = [...(launchOptions.args ?? []), '--short-reporting-delay', `--ignore-certificate-errors-spki-list=${fingerprint}`];
  const browser = await chromium.launch({ ...launchOptions, args });

  try {
    const page = await browser.newPage();
    await page.goto(app.origin + HomePage.path);
    await page.evaluate(() => (new Image().src = 'https://evil.example/stopped.png'));

    const reports = () => app.exchanges.filter(({ path }) => path === '/csp-report');
    await expect.poll(() => reports().map(({ asked, status }) => [asked['content-type'], status])).toEqual([['application/reports+json', 204]]);
  } finally {
    await browser.close();
    await app.stop();
  }
});

/** For `localhost`, and the fingerprint of its key. */
function makeCertificate(): Certificate & { fingerprint: string } {
  const folder = mkdtempSync(join(tmpdir(), 'twofold-certificate-'));
  const [keyFile, certFile] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const about = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', ...kind, ...about, '-keyout', keyFile, '-out', certFile], { stdio: 'pipe' });
  const [key, cert] = [readFileSync(keyFile, 'utf8'), readFileSync(certFile, 'utf8')];
  rmSync(folder, { recursive: true });
  const publicKey = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  return { key, cert, fingerprint: createHash('sha256').update(publicKey).digest('base64') };
}
