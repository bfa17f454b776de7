import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Topics and schemas. Names sort by bytes, so that cursors do not depend on the locale; schemas are
 * `json`, which keeps the order of their members.
 */
export class CreateCatalog1795400100000 implements MigrationInterface {
  readonly name = 'CreateCatalog1795400100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE topics (
        uid uuid PRIMARY KEY,
        name text COLLATE "C" NOT NULL CONSTRAINT topics_name_unique UNIQUE,
        status text NOT NULL CHECK (status IN ('creating', 'active', 'deleting')),
        managed boolean NOT NULL,
        kafka_topic_id text,
        partitions integer NOT NULL,
        replication_factor integer,
        retention_seconds bigint,
        retention_bytes bigint,
        enforce_schemas boolean NOT NULL,
        max_event_bytes integer NOT NULL,
        missing boolean NOT NULL,
        version integer NOT NULL,
        created_at timestamptz NOT NULL,
        CHECK (status = 'creating' OR kafka_topic_id IS NOT NULL)
      )`);
    await runner.query(`
      CREATE TABLE schema_subjects (
        uid uuid PRIMARY KEY,
        topic_uid uuid NOT NULL REFERENCES topics (uid) ON DELETE CASCADE,
        topic text NOT NULL,
        type text COLLATE "C" NOT NULL,
        compatibility text NOT NULL,
        newest integer NOT NULL,
        schema json NOT NULL,
        version integer NOT NULL,
        created_at timestamptz NOT NULL,
        UNIQUE (topic_uid, type)
      )`);
    await runner.query(`
      CREATE TABLE schema_versions (
        subject_uid uuid NOT NULL REFERENCES schema_subjects (uid) ON DELETE CASCADE,
        number integer NOT NULL,
        schema json NOT NULL,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (subject_uid, number)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE schema_versions`);
    await runner.query(`DROP TABLE schema_subjects`);
    await runner.query(`DROP TABLE topics`);
  }
}
