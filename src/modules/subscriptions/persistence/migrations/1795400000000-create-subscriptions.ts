import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Subscriptions, and the topics that are known to be gone. */
export class CreateSubscriptions1795400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE subscriptions (
        uid uuid PRIMARY KEY,
        id text NOT NULL UNIQUE,
        topic text NOT NULL,
        topic_uid uuid NOT NULL,
        kafka_topic_id text NOT NULL,
        kind text NOT NULL,
        tenant text,
        requested_start jsonb NOT NULL,
        start jsonb NOT NULL,
        filters jsonb NOT NULL,
        status text NOT NULL,
        reason text,
        since timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        version int NOT NULL
      )`);
    await runner.query(`CREATE INDEX subscriptions_by_topic ON subscriptions (topic_uid)`);
    await runner.query(`CREATE INDEX subscriptions_by_tenant ON subscriptions (tenant, id)`);
    await runner.query(`
      CREATE TABLE deleted_topics (
        topic_uid uuid PRIMARY KEY,
        deleted_at timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE deleted_topics`);
    await runner.query(`DROP TABLE subscriptions`);
  }
}
