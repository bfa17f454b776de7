import type { PartitionOffset } from '../groups/committed-offsets.js';
import { encodeEndMarker } from '../records/control-batch.js';
import { inSlices } from '../concurrency/in-slices.js';
import type { PartitionLog } from '../storage/partition-log.js';
import { ProducerFenced } from '../storage/storage.errors.js';
import type { TransactionStore } from './transaction-store.js';
import { completed, isEnding, type Transaction } from './transaction.js';

/** A log as far as it is brought to the disk here. */
export interface Flushable {
  flush(): Promise<void>;
}

/** Whether a partition has something of a producer's transaction, which has not ended there. */
export const isOpenIn = (log: PartitionLog | undefined, producerId: number): boolean =>
  (log?.producer(producerId)?.currentTransactionStartOffset ?? -1) >= 0;

/** Whom the end of a transaction is told. */
export interface EndingServices {
  readonly now: () => number;
  /** Undefined: the partition is gone. */
  readonly logOf: (topic: string, partition: number) => PartitionLog | undefined;
  /**
   * Brings a log to the disk where it is to get there at all, but takes appends before: one step of an
   * end is there before the next, which a power cut would else leave alone.
   */
  readonly settled: (log: Flushable) => Promise<void>;
  /** @param offsets those that are still to be committed: some may be deleted meanwhile */
  readonly commitOffsets: (
    group: string,
    offsets: () => readonly PartitionOffset[],
  ) => Promise<void>;
  /** Where they are kept. */
  readonly offsetLog: Flushable;
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

  /** What a transaction has written is on the disk before it may be committed. @throws StorageError */
  async settleRecords({ partitions }: Transaction): Promise<void> {
    const { logOf, settled } = this.services;
    await inSlices(partitions, async ({ topic, partition }) => {
      const log = logOf(topic, partition);
      if (log === undefined) return;
      try {
        await settled(log);
      } catch (error) {
        // Its topic may be gone meanwhile.
        if (logOf(topic, partition) === log) throw error;
      }
    });
  }

  private async writeMarkers(transaction: Transaction): Promise<void> {
    const { now, logOf, settled, coordinatorEpoch } = this.services;
    const { producerId, producerEpoch, status, partitions } = transaction;
    const outcome = status === 'PrepareCommit' ? 'commit' : 'abort';
    await inSlices(partitions, async ({ topic, partition }) => {
      const marker = encodeEndMarker(
        { outcome, coordinatorEpoch },
        { producerId, producerEpoch, timestamp: now() },
      );
      const log = logOf(topic, partition);
      if (log === undefined) return;
      await this.once(transaction, `marker ${topic}/${partition}`, async () => {
        try {
          await log.append(marker, { origin: 'coordinator' });
        } catch (error) {
          // Somebody with a later epoch has ended it there.
          if (!(error instanceof ProducerFenced) || isOpenIn(log, producerId)) throw error;
        }
      });
      await this.once(transaction, `sync ${topic}/${partition}`, () => settled(log));
    });
  }

  private async commitOffsets(transaction: Transaction): Promise<void> {
    const { commitOffsets, settled, offsetLog } = this.services;
    const { transactionalId, groups } = transaction;
    for (const group of groups) {
      await this.once(transaction, `group ${group}`, () =>
        commitOffsets(group, () => this.store.offsetsOf(transactionalId, group)),
      );
    }
    if (groups.length > 0) await settled(offsetLog);
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
