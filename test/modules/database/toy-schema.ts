import { Column, Entity, PrimaryColumn, type MigrationInterface, type QueryRunner } from 'typeorm';

/** The one entity of the toy modules. */
@Entity('notes')
export class NoteEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  text!: string;
}

export class CreateNotes1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE notes (id text PRIMARY KEY, text text NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE notes');
  }
}

/** Fails if it is ever run twice, and takes long enough for a second process to come along. */
export class FillNotes1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('SELECT pg_sleep(0.3)');
    await runner.query(`INSERT INTO notes VALUES ('first', 'made by a migration')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM notes WHERE id = 'first'`);
  }
}

/** A toy module's schema. */
export const toySchema = (module: string) => ({
  module,
  entities: [NoteEntity],
  migrations: [CreateNotes1700000000000, FillNotes1700000000001],
});
