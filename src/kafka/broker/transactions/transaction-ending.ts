import { setImmediate } from 'node:timers/promises';
import type { PartitionOffset } from '../groups/committed-offsets.js';
import { encodeEndMarker } from '../records/control-batch.js';
import { allDone } from '../concurrency/all-done.js';
import { ITEMS_TOGETHER } from '../concurrency/taking-turns.js';
import type { PartitionLog } from '../storage/partition-log.js';
import type { TransactionStore } from './transaction-store.js';
import { completed, isEnding, type Transaction, type TransactionPartition } from './transaction.js';

/** Whom the end of a transaction is told. */
export interface EndingServices {
  readonly now: () => number;
  /** Undefined: the partition is gone. */
  readonly logOf: (topic: string, partition: number) => PartitionLog | undefined;
  /** Whether logs take a marker before the disk has it, which is to have it before the transaction is over. */
  readonly syncsMarkers: boolean;
  readonly commitOffsets: (group: string, offsets: readonly PartitionOffset[]) => Promise<void>;
  /** Epoch that markers carry; rises at each start. */
  readonly coordinatorEpoch: number;
  /** Told when a transaction could not be ended; it is tried again. */
  readonly onFailure: (error: unknown) => void;
}

/** Carries out what was decided about transactions. All of it may be done again after a crash. */
export class TransactionEnding {
  /** What was done already for the end of a transaction: only the rest is tried again. */
  private readonly done = new WeakMap<Transaction, Set<string>>();

  constructor(
    private readonly store: TransactionStore,
    private readonly services: EndingServices,
  ) {}

  /**
   * Tells everybody how a decided transaction ended: its partitions, then its groups. One that is
   * not decided is left alone; one that cannot be ended now stays as it is.
   */
  async complete(transactionalId: string): Promise<void> {
    const transaction = this.store.get(transactionalId);
    if (transaction === undefined || !isEnding(transaction)) return;
    try {
      await this.writeMarkers(transaction);
      if (transaction.status === 'PrepareCommit') await this.commitOffsets(transaction);
      await this.store.saveEnd(completed(transaction, this.services.now()));
    } catch (error) {
      this.services.onFailure(error);
    }
  }

  private async writeMarkers(transaction: Transaction): Promise<void> {
    const { now, logOf, syncsMarkers, coordinatorEpoch } = this.services;
    const { producerId, producerEpoch, status, partitions } = transaction;
    const outcome = status === 'PrepareCommit' ? 'commit' : 'abort';
    const write = async ({ topic, partition }: TransactionPartition): Promise<void> => {
      const marker = encodeEndMarker(
        { outcome, coordinatorEpoch },
        { producerId, producerEpoch, timestamp: now() },
      );
      await this.once(transaction, `partition ${topic}/${partition}`, async () => {
        const log = logOf(topic, partition);
        await log?.append(marker, { origin: 'coordinator' });
        if (syncsMarkers) await log?.flush();
      });
    };
    for (let from = 0; from < partitions.length; from += ITEMS_TOGETHER) {
      if (from > 0) await setImmediate();
      await allDone(partitions.slice(from, from + ITEMS_TOGETHER).map(write));
    }
  }

  private async commitOffsets(transaction: Transaction): Promise<void> {
    const byGroup = new Map<string, PartitionOffset[]>();
    for (const { group, ...offset } of this.store.offsetsOf(transaction.transactionalId)) {
      const offsets = byGroup.get(group);
      if (offsets) offsets.push(offset);
      else byGroup.set(group, [offset]);
    }
    for (const [group, offsets] of byGroup) {
      await this.once(transaction, `group ${group}`, () =>
        this.services.commitOffsets(group, offsets),
      );
    }
  }

  /** Tells somebody of the end who has not been told. */
  private async once(
    transaction: Transaction,
    whom: string,
    tell: () => Promise<void>,
  ): Promise<void> {
    let done = this.done.get(transaction);
    if (done === undefined) this.done.set(transaction, (done = new Set()));
    if (done.has(whom)) return;
    await tell();
    done.add(whom);
  }
}
