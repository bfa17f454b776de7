import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';

import { migrationOptions } from '../../../../src/database/data-source-options.js';
import { migrateSchema } from '../../../../src/database/migrate-schema.js';
import { deliveryMigrations } from '../../../../src/delivery/persistence/delivery-migrations.js';
import { createScratchDatabase, type ScratchDatabase } from '../../database/scratch-database.js';

describe("delivery's tables", () => {
  beforeAll(() => Logger.overrideLogger(false));

  let database: ScratchDatabase;

  beforeEach(async () => {
    database = await createScratchDatabase();
  });

  afterEach(() => database.drop());

  const schemaOf = (module: string) => ({
    module,
    entities: [],
    migrations: [...deliveryMigrations],
  });

  const tablesOf = async (schema: string) => {
    const rows = await database.query(
      `SELECT table_name FROM information_schema.tables
       WHERE table_schema = '${schema}' ORDER BY table_name COLLATE "C"`,
    );
    return rows.map((row) => row['table_name']);
  };

  const tables = [
    'deleted_subscriptions',
    'exceptions',
    'gaps',
    'lanes',
    'migrations',
    'operations',
    'partition_floors',
  ];

  it('stand in the schema of each module that delivers, and can be taken back from one', async () => {
    await migrateSchema(database.url, schemaOf('one'));
    await migrateSchema(database.url, schemaOf('two'));
    expect(await tablesOf('one')).toEqual(tables);
    expect(await tablesOf('two')).toEqual(tables);
    const dataSource = new DataSource(migrationOptions(database.url, schemaOf('one')));
    await dataSource.initialize();
    await dataSource.undoLastMigration();
    await dataSource.destroy();
    expect(await tablesOf('one')).toEqual(['migrations']);
    expect(await tablesOf('two')).toEqual(tables);
  });
});
