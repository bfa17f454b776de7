import { randomBytes } from 'node:crypto';

import { Client } from 'pg';

/** A database of one test's own. */
export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  drop(): Promise<void>;
}

async function administer(sql: string): Promise<void> {
  const client = new Client({ connectionString: process.env['MILLRACE_TEST_DATABASE_URL']! });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Makes an empty database on the test server (MILLRACE_TEST_DATABASE_URL). */
export async function freshDatabase(): Promise<TestDatabase> {
  const name = `t${randomBytes(6).toString('hex')}`;
  await administer(`CREATE DATABASE ${name}`);
  const url = new URL(process.env['MILLRACE_TEST_DATABASE_URL']!);
  url.pathname = `/${name}`;
  return {
    name,
    url: url.href,
    drop: () => administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}
