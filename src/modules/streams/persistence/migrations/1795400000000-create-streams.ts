import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Readers and their leases, committed positions, recorded gaps. */
export class CreateStreams1795400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE instances (
        id uuid PRIMARY KEY,
        expires_at timestamptz NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE groups (
        subscription_uid uuid PRIMARY KEY,
        generation bigint NOT NULL DEFAULT 0
      )`);
    await runner.query(`
      CREATE TABLE readers (
        subscription_uid uuid NOT NULL,
        id text NOT NULL,
        instance_id uuid NOT NULL REFERENCES instances ON DELETE CASCADE,
        PRIMARY KEY (subscription_uid, id)
      )`);
    await runner.query(`CREATE INDEX readers_by_instance ON readers (instance_id)`);
    await runner.query(`
      CREATE TABLE leases (
        subscription_uid uuid NOT NULL,
        partition int NOT NULL,
        epoch bigint NOT NULL,
        reader_id text,
        PRIMARY KEY (subscription_uid, partition)
      )`);
    await runner.query(`
      CREATE TABLE positions (
        subscription_uid uuid NOT NULL,
        partition int NOT NULL,
        topic_id text NOT NULL,
        next_offset bigint NOT NULL,
        filter_revision int NOT NULL,
        epoch bigint NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (subscription_uid, partition)
      ) WITH (fillfactor = 70)`);
    await runner.query(`
      CREATE TABLE gaps (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        subscription_uid uuid NOT NULL,
        partition int NOT NULL,
        topic_id text NOT NULL,
        reason text NOT NULL,
        from_offset bigint NOT NULL,
        to_offset bigint NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await runner.query(`CREATE INDEX gaps_by_subscription ON gaps (subscription_uid, id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE gaps, positions, leases, readers, groups, instances`);
  }
}
