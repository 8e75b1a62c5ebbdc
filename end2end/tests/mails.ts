/** What the server sent by mail: in development it writes mails into a folder of its data directory. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';

/** The server may be somebody else's, whose folder is out of reach. */
export const hasMails = process.env.DATA_DIR !== undefined;
export const NEEDS_MAILS = 'needs the mails of a server that these tests started';

type Mail = { subject: string; text: string; link: string };

/** The only mail to this address with this subject, once it is there. */
export async function mailTo(email: string, subject: string, dataDir = process.env.DATA_DIR ?? ''): Promise<Mail> {
  const found = () => mailsTo(email, dataDir).filter((mail) => mail.subject === subject);
  await expect.poll(() => found().length, { message: `${subject} to ${email}` }).toBe(1);
  const [mail] = found();
  if (!mail) throw new Error('It was there.');
  return mail;
}

export function mailsTo(email: string, dataDir = process.env.DATA_DIR ?? ''): Mail[] {
  const folder = join(dataDir, 'mails');
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    // There was none yet.
  }
  const mails = names.map((name) => readFileSync(join(folder, name), 'utf8'));
  return mails.filter((mail) => mail.includes(`\r\nTo: ${email}\r\n`)).map(parse);
}

function parse(mail: string): Mail {
  const text = mail.slice(mail.indexOf('\r\n\r\n') + 4);
  const subject = /^Subject: (.*)\r$/m.exec(mail)?.[1] ?? '';
  return { subject, text, link: /^http\S+\?token=\S+/m.exec(text)?.[0] ?? '' };
}
