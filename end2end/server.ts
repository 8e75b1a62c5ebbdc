/**
 * Starts the server named by `TWOFOLD_SERVER` before the first test and stops it after the last.
 * The address reaches the tests through `BASE_URL`, and the data directory, which is new and goes away again, through `DATA_DIR`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const RESULTS = join(__dirname, 'test-results');
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;

export default async function start(): Promise<(() => Promise<void>) | undefined> {
  const binary = process.env.TWOFOLD_SERVER;
  if (!binary) return undefined;

  const siteRoot = process.env.TWOFOLD_SITE_ROOT ?? join(__dirname, '../target/site');
  const place = await newPlace();
  const stop = await serve({ binary, siteRoot }, place);
  process.env.BASE_URL = place.origin;
  process.env.DATA_DIR = place.dataDir;
  return async () => {
    await stop();
    place.remove();
  };
}

/** A built server, and the files that its pages load. */
export type Build = { binary: string; siteRoot: string };

/** Where a server answers and what it remembers; another build may take it over. */
export type Place = { port: number; origin: string; dataDir: string; remove: () => void };

export async function newPlace(): Promise<Place> {
  const port = await freePort();
  const dataDir = mkdtempSync(join(tmpdir(), 'twofold-end2end-'));
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  return { port, origin: `http://localhost:${port}`, dataDir, remove };
}

/** Starts a server and waits until it answers; gives the way to stop it. */
export async function serve(build: Build, place: Place, settings: NodeJS.ProcessEnv = {}): Promise<() => Promise<void>> {
  const env = { ...environment(build, place), ...settings };
  const server = spawn(resolve(build.binary), { env, stdio: ['ignore', 'pipe', 'pipe'] });
  keepLog(server);
  const kill = () => server.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async () => {
    await stopped(server);
    process.off('exit', kill);
  };

  try {
    await answering(`http://127.0.0.1:${place.port}/healthz`, server);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** The caller's environment without the app's own settings: these tests never touch the database of anybody. */
function environment({ siteRoot }: Build, { port, origin, dataDir }: Place): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(TWOFOLD|LEPTOS)_/.test(name));
  return {
    ...Object.fromEntries(inherited),
    LEPTOS_SITE_ADDR: `127.0.0.1:${port}`,
    LEPTOS_SITE_ROOT: resolve(siteRoot),
    TWOFOLD_DATA_DIR: dataDir,
    TWOFOLD_ORIGIN: origin,
    // Everybody in these tests comes from one address.
    TWOFOLD_GUESSES_PER_ADDRESS: '10000',
    TWOFOLD_MAILS_PER_ADDRESS: '10000',
    TWOFOLD_RENEWALS_PER_ADDRESS: '100000',
    TWOFOLD_SIGN_UPS_PER_ADDRESS: '10000',
  };
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer().once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}

function keepLog(server: ChildProcess): void {
  mkdirSync(RESULTS, { recursive: true });
  const log = createWriteStream(join(RESULTS, 'server.log'));
  server.stdout?.pipe(log, { end: false });
  server.stderr?.pipe(log, { end: false });
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  let failure: Error | undefined;
  server.once('error', (error) => (failure = error));
  server.once('exit', (code, signal) => (failure = new Error(`it ended with ${signal ?? code}`)));
  const deadline = Date.now() + START_LIMIT_MS;

  while (!failure && Date.now() < deadline) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await pause(50);
  }
  const reason = failure?.message ?? `no answer at ${url} within ${START_LIMIT_MS} ms`;
  throw new Error(`The server did not start: ${reason}. Its output is in test-results/server.log.`);
}

/** Asks politely first: a server that needs SIGKILL here would lose requests in production. */
async function stopped(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((done) => server.once('exit', done));
  server.kill('SIGTERM');
  const force = setTimeout(() => server.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(force);
}
