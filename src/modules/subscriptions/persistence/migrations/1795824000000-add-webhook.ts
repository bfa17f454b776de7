import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How a subscription of kind webhook is delivered; secrets and headers in it are sealed. */
export class AddWebhook1795824000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE subscriptions ADD COLUMN webhook jsonb`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE subscriptions DROP COLUMN webhook`);
  }
}
