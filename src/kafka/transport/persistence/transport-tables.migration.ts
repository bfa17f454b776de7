import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Outbox, inbox and handled dead letters, in each module's schema. */
export class TransportTables1780000000001 implements MigrationInterface {
  readonly name = 'TransportTables1780000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        topic text NOT NULL,
        key text NOT NULL,
        value text,
        headers jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE inbox (
        message_id text PRIMARY KEY,
        handled_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`CREATE INDEX inbox_handled_at ON inbox (handled_at)`);
    await runner.query(`
      CREATE TABLE dead_letters_done (
        id text PRIMARY KEY,
        done_at timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE dead_letters_done, inbox, outbox`);
  }
}
