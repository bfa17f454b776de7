import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The table of API keys. Ids sort by bytes, so that cursors do not depend on the locale. */
export class Keys1780000100001 implements MigrationInterface {
  readonly name = 'Keys1780000100001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE keys (
        uid uuid PRIMARY KEY,
        id text COLLATE "C" NOT NULL CONSTRAINT keys_id_unique UNIQUE,
        hash text NOT NULL UNIQUE,
        scopes text[] NOT NULL,
        topics text[],
        subscriptions text[],
        tenant text,
        version integer NOT NULL,
        created_at timestamptz NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE keys`);
  }
}
