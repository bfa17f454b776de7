import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { StartRefused } from '../../config/start-refused.js';

const run = promisify(execFile);

/** Whom a program runs as. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

async function idOf(flag: '-u' | '-g', user: string): Promise<number> {
  return Number((await run('id', [flag, user])).stdout);
}

async function find(user: string): Promise<SystemUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([idOf('-u', user), idOf('-g', user)]);
    return { uid, gid };
  } catch {
    return undefined;
  }
}

/**
 * PostgreSQL refuses to run as root. A process that is root runs it as the user `postgres` where
 * there is one, else as `nobody`, which every system has: no account is made. Others run it as
 * themselves (undefined).
 */
export async function unprivilegedUser(): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const user = (await find('postgres')) ?? (await find('nobody'));
  if (user !== undefined) return user;
  throw new StartRefused(
    'Postgres does not run as root, and this system has neither a user "postgres" nor "nobody". Start as another user, or set DATABASE_URL.',
  );
}
