import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

const serverUrl = (): string =>
  process.env['MILLRACE_TEST_DATABASE_URL'] ??
  'postgres://postgres:postgres@127.0.0.1:15432/postgres';

/** A database of a test file's own. */
export interface ScratchDatabase {
  readonly url: string;
  /** Runs SQL in a session of its own, outside the code under test. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

async function runAt(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Creates an empty database on the test server. */
export async function createScratchDatabase(): Promise<ScratchDatabase> {
  const name = `database_${randomUUID().replaceAll('-', '')}`;
  await runAt(serverUrl(), `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return {
    url: url.toString(),
    query: (sql) => runAt(url.toString(), sql),
    drop: async () => {
      await runAt(serverUrl(), `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
