import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { StartRefused } from '../config/start-refused.js';
import { DatabaseUnavailable, translateDatabaseError } from './database.errors.js';

/** How long a start waits, and how it says so. */
export interface WaitOptions {
  readonly timeoutMs: number;
  /** Pause between two tries; 250 ms when not given. */
  readonly retryEveryMs?: number;
  /** Called before the first repetition and then about every 5 s, with one line. */
  readonly onWaiting: (message: string) => void;
  readonly signal?: AbortSignal;
}

const CONNECT_TIMEOUT_MS = 2_000;
const RETRY_EVERY_MS = 250;
const TELL_EVERY_MS = 5_000;

/** `postgres://user@host:port/database`, without the password. */
export function describeDatabase(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  return `${url.protocol}//${url.username}@${url.host}${url.pathname}`;
}

async function tryOnce(databaseUrl: string): Promise<void> {
  const client = new Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  });
  let lost: Error | undefined;
  client.on('error', (error) => (lost = error));
  try {
    await client.connect();
    await client.query('SELECT 1');
  } finally {
    await client.end();
  }
  if (lost !== undefined) throw lost;
}

/**
 * Waits until Postgres answers a query; a server that is starting or not there yet is asked again
 * until the time is over.
 * @throws StartRefused when it did not answer in time, or refuses user, password or database
 */
export async function waitForPostgres(databaseUrl: string, options: WaitOptions): Promise<void> {
  const deadline = performance.now() + options.timeoutMs;
  const where = describeDatabase(databaseUrl);
  for (let tellAt = 0; ;) {
    options.signal?.throwIfAborted();
    const failure = await tryOnce(databaseUrl).then(
      () => undefined,
      (error: unknown) => translateDatabaseError(error),
    );
    if (failure === undefined) return;
    if (!(failure instanceof DatabaseUnavailable)) {
      const reason = failure instanceof Error ? failure.message : String(failure);
      throw new StartRefused(`Postgres at ${where} refuses: ${reason}`, { cause: failure });
    }
    const now = performance.now();
    if (now >= tellAt) {
      options.onWaiting(`Waiting for Postgres at ${where}`);
      tellAt = now + TELL_EVERY_MS;
    }
    if (now >= deadline) {
      throw new StartRefused(
        `Postgres at ${where} did not answer for ${options.timeoutMs / 1_000} s. Check DATABASE_URL.`,
        { cause: failure },
      );
    }
    await pause(options.retryEveryMs ?? RETRY_EVERY_MS, undefined, { signal: options.signal });
  }
}
