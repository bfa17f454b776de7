import { DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { migrationOptions, type ModuleSchema } from './data-source-options.js';

/** Orders all processes that prepare the same schema; let go when the session ends, however. */
async function lockSchema(runner: QueryRunner, schema: string): Promise<void> {
  await runner.query(`SELECT pg_advisory_lock(hashtext('millrace.schema'), hashtext($1))`, [
    schema,
  ]);
}

/**
 * Creates the module's schema and runs the migrations that it has not seen, each in a transaction.
 * Lock and migrations share one connection: whoever loses it loses both, and no second process
 * migrates at the same time.
 */
export async function migrateSchema(databaseUrl: string, schema: ModuleSchema): Promise<void> {
  const dataSource = new DataSource(migrationOptions(databaseUrl, schema));
  await dataSource.initialize();
  try {
    const runner = dataSource.createQueryRunner();
    await lockSchema(runner, schema.module);
    await runner.query(`CREATE SCHEMA IF NOT EXISTS ${dataSource.driver.escape(schema.module)}`);
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'each';
    await executor.executePendingMigrations();
  } finally {
    await dataSource.destroy();
  }
}
