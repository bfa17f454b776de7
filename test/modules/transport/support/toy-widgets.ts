import { Inject, Injectable, type Provider } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import { DataSource, type EntityManager, type MigrationInterface, type QueryRunner } from 'typeorm';
import type { StateRow, StateSource } from '../../../../src/kafka/transport/state/state-source.js';
import { stateSourceOf } from '../../../../src/kafka/transport/tokens.js';
import type { ToyApp } from './toy-app.js';
import { alpha, widgets, type Widget } from './toy-contracts.js';

/** Tables of the toy modules: entities of alpha, and what beta's handlers did. */
export class CreateToyTables1780000000002 implements MigrationInterface {
  readonly name = 'CreateToyTables1780000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE widgets (uid text PRIMARY KEY, version int NOT NULL, state jsonb NOT NULL)`,
    );
    await runner.query(`CREATE TABLE effects (id bigserial PRIMARY KEY, what text NOT NULL)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE widgets, effects`);
  }
}

/** Alpha's truth about widgets. */
@Injectable()
export class WidgetSource implements StateSource<Widget> {
  constructor(@Inject(getDataSourceToken(alpha)) private readonly dataSource: DataSource) {}

  async *rows(manager: EntityManager = this.dataSource.manager): AsyncIterable<StateRow<Widget>> {
    yield* await manager.query<StateRow<Widget>[]>(`SELECT uid, version, state FROM widgets`);
  }
}

export const widgetSourceProvider: Provider = {
  provide: stateSourceOf(widgets),
  useExisting: WidgetSource,
};

/** What alpha's use cases do with a widget: row and state in one transaction. */
export const saveWidget = (
  owner: ToyApp,
  uid: string,
  version: number,
  state: Widget,
): Promise<void> =>
  owner.unitOfWork(alpha).run(async (tx) => {
    await tx.manager.query(
      `INSERT INTO widgets VALUES ($1, $2, $3)
       ON CONFLICT (uid) DO UPDATE SET version = excluded.version, state = excluded.state`,
      [uid, version, JSON.stringify(state)],
    );
    tx.publishState(widgets, uid, version, state);
  });

/** Deletes it the same way. */
export const removeWidget = (owner: ToyApp, uid: string, version: number): Promise<void> =>
  owner.unitOfWork(alpha).run(async (tx) => {
    await tx.manager.query(`DELETE FROM widgets WHERE uid = $1`, [uid]);
    tx.publishState(widgets, uid, version, null);
  });
