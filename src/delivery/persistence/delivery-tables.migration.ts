import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Floors, lanes, exceptions, gaps and operations, in the schema of each module that delivers. Pages
 * of tables that are updated all the time keep room for the next version of a row, and exceptions,
 * which come and go, are vacuumed long before the fifth part of them is dead. What comes from events
 * and answers is `json`, which keeps any text; `jsonb` refuses a NUL character.
 */
export class DeliveryTables1795500000000 implements MigrationInterface {
  readonly name = 'DeliveryTables1795500000000';

  async up(runner: QueryRunner): Promise<void> {
    await createPlaces(runner);
    await createExceptions(runner);
    await createGaps(runner);
    await createOperations(runner);
    await runner.query(`
      CREATE TABLE deleted_subscriptions (
        uid uuid PRIMARY KEY,
        deleted_at timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DROP TABLE deleted_subscriptions, operations, gaps, exceptions, lanes, partition_floors`,
    );
  }
}

async function createPlaces(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE partition_floors (
      topic text NOT NULL,
      partition int NOT NULL,
      topic_id text,
      floor bigint,
      leader_epoch int,
      owner_epoch bigint NOT NULL,
      sequence bigint NOT NULL DEFAULT 0,
      updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (topic, partition)
    ) WITH (fillfactor = 70)`);
  await runner.query(`
    CREATE TABLE lanes (
      subscription_uid uuid NOT NULL,
      topic text NOT NULL,
      partition int NOT NULL,
      from_offset bigint,
      reason text,
      halted_at timestamptz,
      filter_revision int NOT NULL,
      updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (subscription_uid, partition)
    ) WITH (fillfactor = 70)`);
  await runner.query(`CREATE INDEX lanes_by_partition ON lanes (topic, partition)`);
}

async function createExceptions(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE exceptions (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      subscription_uid uuid NOT NULL,
      topic text NOT NULL,
      topic_id text NOT NULL,
      partition int NOT NULL,
      "offset" bigint NOT NULL,
      state text NOT NULL,
      order_key bytea,
      attempts int NOT NULL,
      due timestamptz,
      record_key bytea,
      record_value bytea,
      record_headers json,
      record_timestamp bigint,
      summary json,
      error json,
      operation_id text,
      taken boolean NOT NULL DEFAULT true,
      dead_at timestamptz,
      updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      UNIQUE (subscription_uid, topic_id, partition, "offset")
    ) WITH (
      fillfactor = 85,
      autovacuum_vacuum_scale_factor = 0.02,
      autovacuum_vacuum_insert_scale_factor = 0.05,
      autovacuum_analyze_scale_factor = 0.05,
      toast.autovacuum_vacuum_scale_factor = 0.02
    )`);
  await runner.query(`
    CREATE INDEX exceptions_by_partition
    ON exceptions (topic, partition, state, "offset", subscription_uid)`);
  await runner.query(`
    CREATE INDEX exceptions_to_take ON exceptions (topic, partition)
    WHERE state = 'redrive' AND NOT taken`);
  await runner.query(`
    CREATE INDEX exceptions_dead ON exceptions (subscription_uid, dead_at, id) WHERE state = 'dead'`);
}

async function createGaps(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE gaps (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      subscription_uid uuid NOT NULL,
      topic text NOT NULL,
      partition int NOT NULL,
      topic_id text NOT NULL,
      reason text NOT NULL,
      from_offset bigint NOT NULL,
      to_offset bigint NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp()
    )`);
  await runner.query(`CREATE INDEX gaps_by_subscription ON gaps (subscription_uid, id)`);
}

async function createOperations(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE operations (
      id text PRIMARY KEY,
      subscription_uid uuid NOT NULL,
      type text NOT NULL,
      total int NOT NULL DEFAULT 0,
      delivered int NOT NULL DEFAULT 0,
      failed int NOT NULL DEFAULT 0,
      created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      finished_at timestamptz
    ) WITH (fillfactor = 70)`);
  await runner.query(`
    CREATE INDEX operations_by_subscription ON operations (subscription_uid)`);
}
