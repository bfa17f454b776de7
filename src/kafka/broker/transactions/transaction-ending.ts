import type { PartitionOffset } from '../groups/committed-offsets.js';
import { encodeEndMarker } from '../records/control-batch.js';
import type { PartitionLog } from '../storage/partition-log.js';
import type { TransactionStore } from './transaction-store.js';
import { completed, isEnding, type Transaction } from './transaction.js';

/** Whom the end of a transaction is told. */
export interface EndingServices {
  readonly now: () => number;
  /** Undefined: the partition is gone. */
  readonly logOf: (topic: string, partition: number) => PartitionLog | undefined;
  readonly commitOffsets: (group: string, offsets: readonly PartitionOffset[]) => Promise<void>;
  /** Epoch that markers carry; rises at each start. */
  readonly coordinatorEpoch: number;
  /** Told when a transaction could not be ended; it is tried again. */
  readonly onFailure: (error: unknown) => void;
}

/** Carries out what was decided about transactions. All of it may be done again after a crash. */
export class TransactionEnding {
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
      if (transaction.status === 'PrepareCommit') await this.commitOffsets(transactionalId);
      await this.store.saveEnd(completed(transaction, this.services.now()));
    } catch (error) {
      this.services.onFailure(error);
    }
  }

  private async writeMarkers(transaction: Transaction): Promise<void> {
    const { now, logOf, coordinatorEpoch } = this.services;
    const { producerId, producerEpoch, status, partitions } = transaction;
    const outcome = status === 'PrepareCommit' ? 'commit' : 'abort';
    await Promise.all(
      partitions.map(async ({ topic, partition }) => {
        const marker = encodeEndMarker(
          { outcome, coordinatorEpoch },
          { producerId, producerEpoch, timestamp: now() },
        );
        await logOf(topic, partition)?.append(marker, { origin: 'coordinator' });
      }),
    );
  }

  private async commitOffsets(transactionalId: string): Promise<void> {
    const byGroup = new Map<string, PartitionOffset[]>();
    for (const { group, ...offset } of this.store.offsetsOf(transactionalId)) {
      byGroup.set(group, [...(byGroup.get(group) ?? []), offset]);
    }
    for (const [group, offsets] of byGroup) await this.services.commitOffsets(group, offsets);
  }
}
