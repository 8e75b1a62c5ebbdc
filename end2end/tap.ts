/** In front of a server: what goes in and out, with the cookies as they travel. A browser does not tell them all of its own requests. */
import { type IncomingMessage, type ServerResponse, createServer, request as send } from 'node:http';
import { type AddressInfo } from 'node:net';

export type Exchange = { method: string; path: string; cookie: string; status: number; setCookie: string[] };
export type Tap = { port: number; exchanges: Exchange[]; stop: () => Promise<void> };

export async function tap(behind: { port: number }): Promise<Tap> {
  const exchanges: Exchange[] = [];
  const server = createServer((asked, response) => passOn(behind.port, asked, response, exchanges));
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
    exchanges.push({ method, path, cookie: headers.cookie ?? '', status, setCookie });
    response.writeHead(status, answer.headers);
    answer.pipe(response);
  });
  onward.once('error', () => response.destroy());
  asked.pipe(onward);
}
