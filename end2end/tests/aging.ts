/** Lets the password of a sign-in be as old as after ten minutes, which no test can wait for: by a change in the server's database. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export const NEEDS_DATABASE = 'The database of a server that was started elsewhere is out of reach.';
export const hasDatabase = Boolean(process.env.DATA_DIR);

const SCRIPT = `
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database:
    database.execute("UPDATE sign_ins SET authenticated_at = 0 WHERE user_id = (SELECT id FROM users WHERE email = ?)", sys.argv[2:])
`;

export function letPasswordsAge(email: string): void {
  execFileSync('python3', ['-c', SCRIPT, join(process.env.DATA_DIR ?? '', 'twofold.db'), email]);
}
