import { Client } from 'pg';
import { freshDatabase, type TestDatabase } from '../../support/fresh-database.js';

/** A database of a test's own that can be looked into. */
export interface ScratchDatabase extends TestDatabase {
  /** Runs SQL in a session of its own, outside the code under test. */
  query(sql: string): Promise<Record<string, unknown>[]>;
}

/** Creates an empty database on the test server. */
export async function createScratchDatabase(): Promise<ScratchDatabase> {
  const database = await freshDatabase();
  return {
    ...database,
    query: async (sql) => {
      const client = new Client({ connectionString: database.url });
      await client.connect();
      try {
        return (await client.query<Record<string, unknown>>(sql)).rows;
      } finally {
        await client.end();
      }
    },
  };
}
