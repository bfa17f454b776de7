import { ConsoleLogger } from '@nestjs/common';
import { getDataSourceToken, getRepositoryToken } from '@nestjs/typeorm';
import { Test, type TestingModule } from '@nestjs/testing';
import type { DataSource, Repository } from 'typeorm';
import { ConfigurationModule } from '../../../src/config/configuration.module.js';
import type { Settings } from '../../../src/config/settings.js';
import { DatabaseModule } from '../../../src/database/database.module.js';
import {
  DatabaseUnavailable,
  translateDatabaseError,
} from '../../../src/database/database.errors.js';
import { createScratchDatabase, type ScratchDatabase } from './scratch-database.js';
import { NoteEntity, toySchema } from './toy-schema.js';

const quiet = new ConsoleLogger({ logLevels: [] });

const settingsFor = (databaseUrl: string): Settings => ({
  http: { host: '127.0.0.1', port: 0 },
  modules: [],
  logLevel: 'silent',
  dataDir: '/nowhere',
  adminKey: 'mr_01234567890123456789',
  encryptionKey: Buffer.alloc(32),
  databaseUrl,
  kafka: { brokers: [], ssl: false, prefix: 'millrace.' },
});

describe('the database of a module', () => {
  let database: ScratchDatabase;
  let app: TestingModule;
  const notes = (module: string) =>
    app.get<Repository<NoteEntity>>(getRepositoryToken(NoteEntity, module));
  const source = (module: string) => app.get<DataSource>(getDataSourceToken(module));

  beforeAll(async () => {
    database = await createScratchDatabase();
    const tester = Test.createTestingModule({
      imports: [
        ConfigurationModule.forRoot(settingsFor(database.url)),
        DatabaseModule.forModule(toySchema('red')),
        DatabaseModule.forModule(toySchema('blue')),
      ],
    });
    app = await tester.setLogger(quiet).compile();
    await app.init();
  });

  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  it('has tables of its own, in a schema of its own', async () => {
    await notes('red').insert({ id: 'only-red', text: 'r' });
    expect(await notes('red').countBy({ id: 'only-red' })).toBe(1);
    expect(await notes('blue').countBy({ id: 'only-red' })).toBe(0);
  });

  it('finds its tables by names without a schema, and no table of another', async () => {
    const rows = await source('blue').query<unknown[]>(`SELECT id FROM notes WHERE id = 'first'`);
    expect(rows).toHaveLength(1);
    await database.query('CREATE TABLE red.secret (id int)');
    await expect(source('blue').query('SELECT * FROM secret')).rejects.toThrow('does not exist');
  });

  it('replaces connections that the server ended, without a restart', async () => {
    await Promise.all([1, 2, 3].map(() => source('red').query('SELECT pg_sleep(0.05)')));
    const ended = await database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'millrace-red'`,
    );
    expect(ended.length).toBeGreaterThan(1);
    const outcomes = await Promise.allSettled(
      [1, 2, 3, 4, 5, 6].map(() => notes('red').countBy({ id: 'first' })),
    );
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') expect(outcome.value).toBe(1);
      else expect(translateDatabaseError(outcome.reason)).toBeInstanceOf(DatabaseUnavailable);
    }
    expect(await notes('red').countBy({ id: 'first' })).toBe(1);
  });

  it('calls a transaction whose session the server ended unavailable, and goes on', async () => {
    const interrupted = source('red').transaction(async (manager) => {
      const [row] = await manager.query<{ pid: number }[]>('SELECT pg_backend_pid() AS pid');
      await database.query(`SELECT pg_terminate_backend(${row?.pid ?? 0})`);
      await manager.query('SELECT 1');
    });
    const error = await interrupted.then(
      () => undefined,
      (reason: unknown) => translateDatabaseError(reason),
    );
    expect(error).toBeInstanceOf(DatabaseUnavailable);
    expect(await notes('red').countBy({ id: 'first' })).toBe(1);
  });

  it('leaves errors of the data as they are', async () => {
    const duplicate = await notes('red')
      .insert({ id: 'first', text: 'again' })
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(duplicate).toMatchObject({ driverError: { code: '23505' } });
    expect(translateDatabaseError(duplicate)).toBe(duplicate);
  });

  it('answers within a bounded time when all its connections are busy', async () => {
    const busy = Array.from({ length: 5 }, () => source('blue').query('SELECT pg_sleep(2.5)'));
    const error = await source('blue')
      .query('SELECT 1')
      .then(
        () => undefined,
        (reason: unknown) => translateDatabaseError(reason),
      );
    expect(error).toBeInstanceOf(DatabaseUnavailable);
    await Promise.all(busy);
  });
});
