import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tries of events that were not the first, in each module's schema. */
export class EventAttempts1780000000002 implements MigrationInterface {
  readonly name = 'EventAttempts1780000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE event_attempts (
        message_id text PRIMARY KEY,
        attempt int NOT NULL,
        begun_at timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE event_attempts`);
  }
}
