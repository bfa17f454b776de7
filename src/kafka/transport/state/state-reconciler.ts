import type { DataSource, EntityManager } from 'typeorm';
import {
  appendToOutbox,
  lockOutboxForReconciliation,
  pendingKeys,
} from '../outbox/outbox-store.js';
import type { OutgoingMessages } from '../outbox/outgoing-messages.js';
import { TransportUnavailable } from '../transport.errors.js';
import { within } from '../within.js';
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

const READ_WITHIN_MS = 2_000;

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
    await this.readToEnd();
    const suspected = await differences(source.rows(), table.table, nothing);
    if (suspected.length === 0) return 0;
    return dataSource.transaction((manager) => this.publishDifferences(manager));
  }

  /** Not for ever: the second time all writers of the module wait for it. */
  private async readToEnd(): Promise<void> {
    const late = () => new TransportUnavailable('Kafka does not give the topic to its end.');
    await within(READ_WITHIN_MS, this.parts.table.caughtUp(), late);
  }

  private async publishDifferences(manager: EntityManager): Promise<number> {
    const { table, source, names, messages } = this.parts;
    await lockOutboxForReconciliation(manager);
    const pending = await pendingKeys(manager, names.of(table.contract));
    await this.readToEnd();
    const found = await differences(source.rows(manager), table.table, pending);
    const outgoing = found.map(({ uid, version, state }) =>
      messages.state(table.contract, uid, version, state),
    );
    if (outgoing.length > 0) await appendToOutbox(manager, outgoing);
    return outgoing.length;
  }
}
