/** In front of a server: what goes in and out, as it travels. A browser does not tell all of its own requests' cookies. */
import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, createServer, request as send } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { newPlace, serve } from './server';

export type Exchange = { method: string; path: string; asked: IncomingHttpHeaders; status: number; setCookie: string[] };
type Tap = { port: number; exchanges: Exchange[]; stop: () => Promise<void> };
export type Certificate = { key: string; cert: string };

/** A server of its own behind a tap: its origin is the tap's, under this name. */
export async function serveBehindTap(
  binary: string,
  host: string,
  certificate?: Certificate,
): Promise<{ origin: string; exchanges: Exchange[]; stop: () => Promise<void> }> {
  const place = await newPlace();
  const door = await tap(place, certificate);
  const origin = `${certificate ? 'https' : 'http'}://${host}:${door.port}`;
  const stopServer = await serve({ binary, siteRoot: process.env.TWOFOLD_SITE_ROOT ?? '../target/site' }, { ...place, origin });
  const stop = async () => {
    await stopServer();
    await door.stop();
    place.remove();
  };
  return { origin, exchanges: door.exchanges, stop };
}

/** Speaks TLS with a `certificate`. */
async function tap(behind: { port: number }, certificate?: Certificate): Promise<Tap> {
  const exchanges: Exchange[] = [];
  const answer = (asked: IncomingMessage, response: ServerResponse) => passOn(behind.port, asked, response, exchanges);
  const server = certificate ? createSecureServer(certificate, answer) : createServer(answer);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const stop = () => new Promise<void>((stopped) => {
    server.closeAllConnections();
    server.close(() => stopped());
  });
  return { port: (server.address() as AddressInfo).port, exchanges, stop };
}

function passOn(port: number, asked: IncomingMessage, response: ServerResponse, exchanges: Exchange[]): void {
  const { method = '', url: path = '', headers } = asked;
  const onward = send({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
    const { statusCode: status = 0, headers: { 'set-cookie': setCookie = [] } } = answer;
    exchanges.push({ method, path, asked: headers, status, setCookie });
    response.writeHead(status, answer.headers);
    answer.pipe(response);
  });
  onward.once('error', () => response.destroy());
  asked.pipe(onward);
}
