import type { DataSource, EntityManager } from 'typeorm';
import {
  appendToOutbox,
  lockOutboxForReconciliation,
  pendingKeys,
} from '../outbox/outbox-store.js';
import type { OutgoingMessages } from '../outbox/outgoing-messages.js';
import type { TopicNames } from '../wire/topic-names.js';
import { differences } from './differences.js';
import type { FollowedTable } from './followed-table.js';
import type { StateSource } from './state-source.js';

/** What a reconciliation compares and writes with. */
export interface ReconcilerParts<State> {
  readonly table: FollowedTable<State>;
  readonly source: StateSource<State>;
  readonly dataSource: DataSource;
  readonly names: TopicNames;
  readonly messages: OutgoingMessages;
}

const nothing: ReadonlySet<string> = new Set();

/** Brings a state topic back in line with its owner's database. */
export class StateReconciler<State> {
  constructor(private readonly parts: ReconcilerParts<State>) {}

  /**
   * Compares, and publishes what differs through the outbox. The first look locks nobody out; what it
   * finds may just be on its way, so the second looks again with the outbox locked against writers.
   * @returns how many records were put into the outbox
   */
  async run(): Promise<number> {
    const { table, source, dataSource } = this.parts;
    await table.caughtUp();
    const suspected = await differences(source.rows(), table.table, nothing);
    if (suspected.length === 0) return 0;
    return dataSource.transaction((manager) => this.publishDifferences(manager));
  }

  private async publishDifferences(manager: EntityManager): Promise<number> {
    const { table, source, names, messages } = this.parts;
    await lockOutboxForReconciliation(manager);
    const pending = await pendingKeys(manager, names.of(table.contract));
    await table.caughtUp();
    const found = await differences(source.rows(manager), table.table, pending);
    const outgoing = found.map(({ uid, version, state }) =>
      messages.state(table.contract, uid, version, state),
    );
    if (outgoing.length > 0) await appendToOutbox(manager, outgoing);
    return outgoing.length;
  }
}
