import { Logger } from '@nestjs/common';
import { migrateSchema } from '../../../src/database/migrate-schema.js';
import { waitForPostgres } from '../../../src/database/wait-for-postgres.js';
import { createScratchDatabase, type ScratchDatabase } from './scratch-database.js';
import { toySchema } from './toy-schema.js';

describe('preparing a schema', () => {
  beforeAll(() => Logger.overrideLogger(false));

  let database: ScratchDatabase;

  beforeEach(async () => {
    database = await createScratchDatabase();
  });

  afterEach(() => database.drop());

  it('runs each migration once though several processes start at the same time', async () => {
    await Promise.all([1, 2, 3].map(() => migrateSchema(database.url, toySchema('shared'))));
    const ran = await database.query('SELECT name FROM shared.migrations ORDER BY id');
    expect(ran.map((row) => row['name'])).toEqual([
      'CreateNotes1700000000000',
      'FillNotes1700000000001',
    ]);
  });

  it('undoes the migration that failed, keeps those before it, and goes on next time', async () => {
    class Broken1700000000002 {
      async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
        await runner.query('CREATE TABLE half (id int)');
        await runner.query('SELECT nonsense');
      }

      async down(): Promise<void> {}
    }
    const schema = toySchema('failing');
    const broken = { ...schema, migrations: [...schema.migrations, Broken1700000000002] };
    await expect(migrateSchema(database.url, broken)).rejects.toThrow('nonsense');
    const tables = await database.query(
      `SELECT table_name FROM information_schema.tables WHERE table_schema = 'failing' ORDER BY 1`,
    );
    expect(tables.map((row) => row['table_name'])).toEqual(['migrations', 'notes']);
    await migrateSchema(database.url, schema);
  });
});

describe('waiting for Postgres', () => {
  const nobody = 'postgres://someone:secret@127.0.0.1:1/nothing';

  it('gives up after its time, names the server and keeps the password to itself', async () => {
    const told: string[] = [];
    const waiting = waitForPostgres(nobody, {
      timeoutMs: 50,
      onWaiting: (line) => told.push(line),
    });
    await expect(waiting).rejects.toThrow('postgres://someone@127.0.0.1:1/nothing');
    expect(told).toEqual(['Waiting for Postgres at postgres://someone@127.0.0.1:1/nothing']);
  });

  it('does not wait where Postgres refuses the database', async () => {
    const database = await createScratchDatabase();
    await database.drop();
    const waiting = waitForPostgres(database.url, { timeoutMs: 30_000, onWaiting: () => {} });
    await expect(waiting).rejects.toThrow(/refuses: database .* does not exist/);
  });
});
