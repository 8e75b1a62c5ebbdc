/** Which build of the browser app the suite is looking at. */
export type Mode = 'session' | 'jwt';

export const mode: Mode = parse(process.env.MODE ?? 'session');

function parse(name: string): Mode {
  if (name === 'session' || name === 'jwt') return name;
  throw new Error(`MODE is "${name}", and has to be "session" or "jwt".`);
}
