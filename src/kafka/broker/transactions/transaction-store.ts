import type { PartitionOffset } from '../groups/committed-offsets.js';
import type { KeyValueLog } from '../storage/key-value-log.js';
import type { Transaction } from './transaction.js';

const STATE = 'transaction';
const OFFSET = 'pending-offset';

/** Offsets that a transaction commits for a group once it commits itself. */
export interface PendingOffset extends PartitionOffset {
  readonly group: string;
}

/** All transactional ids and what their transactions will commit, in a compacted log and in memory. */
export class TransactionStore {
  private readonly transactions = new Map<string, Transaction>();
  private readonly ids = new Map<number, string>();
  private readonly pending = new Map<string, Map<string, PendingOffset>>();

  constructor(private readonly log: KeyValueLog) {
    for (const [key, value] of log.entries()) {
      const [kind, transactionalId] = JSON.parse(key) as [string, string];
      if (kind === STATE) this.remember(JSON.parse(value.toString()) as Transaction);
      else this.pendingOf(transactionalId).set(key, JSON.parse(value.toString()) as PendingOffset);
    }
  }

  get size(): number {
    return this.transactions.size;
  }

  all(): readonly Transaction[] {
    return [...this.transactions.values()];
  }

  get(transactionalId: string): Transaction | undefined {
    return this.transactions.get(transactionalId);
  }

  /** The transaction whose producer has this id. */
  byProducer(producerId: number): Transaction | undefined {
    const transactionalId = this.ids.get(producerId);
    return transactionalId === undefined ? undefined : this.transactions.get(transactionalId);
  }

  /** Stores a transaction. It is seen once it is on disk. */
  async save(transaction: Transaction): Promise<void> {
    await this.log.write([[stateKey(transaction.transactionalId), json(transaction)]]);
    this.remember(transaction);
  }

  /** Seen from now on, though not stored yet: nothing more may join a transaction that ends. */
  show(transaction: Transaction): void {
    this.remember(transaction);
  }

  offsetsOf(transactionalId: string): readonly PendingOffset[] {
    return [...(this.pending.get(transactionalId)?.values() ?? [])];
  }

  /** Whether a transaction that has not ended commits this offset. */
  hasPending(group: string, topic: string, partition: number): boolean {
    for (const [transactionalId, offsets] of this.pending) {
      if (offsets.has(offsetKey(transactionalId, { group, topic, partition }))) return true;
    }
    return false;
  }

  async addOffsets(transactionalId: string, offsets: readonly PendingOffset[]): Promise<void> {
    const changes = offsets.map((one) => [offsetKey(transactionalId, one), one] as const);
    await this.log.write(changes.map(([key, one]) => [key, json(one)]));
    const pending = this.pendingOf(transactionalId);
    for (const [key, one] of changes) pending.set(key, one);
  }

  /** Stores the end of a transaction; what it would have committed is forgotten in the same step. */
  async saveEnd(transaction: Transaction): Promise<void> {
    const { transactionalId } = transaction;
    const keys = [...(this.pending.get(transactionalId)?.keys() ?? [])];
    await this.log.write([
      ...keys.map((key) => [key, null] as const),
      [stateKey(transactionalId), json(transaction)],
    ]);
    this.pending.delete(transactionalId);
    this.remember(transaction);
  }

  async remove({ transactionalId, producerId }: Transaction): Promise<void> {
    await this.log.write([[stateKey(transactionalId), null]]);
    this.transactions.delete(transactionalId);
    this.ids.delete(producerId);
  }

  async clean(): Promise<void> {
    await this.log.cleanOnce();
  }

  close(): Promise<void> {
    return this.log.close();
  }

  private remember(transaction: Transaction): void {
    const former = this.transactions.get(transaction.transactionalId);
    if (former !== undefined) this.ids.delete(former.producerId);
    this.transactions.set(transaction.transactionalId, transaction);
    this.ids.set(transaction.producerId, transaction.transactionalId);
  }

  private pendingOf(transactionalId: string): Map<string, PendingOffset> {
    let offsets = this.pending.get(transactionalId);
    if (offsets === undefined) this.pending.set(transactionalId, (offsets = new Map()));
    return offsets;
  }
}

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));

const stateKey = (transactionalId: string): string => JSON.stringify([STATE, transactionalId]);

const offsetKey = (
  transactionalId: string,
  { group, topic, partition }: Pick<PendingOffset, 'group' | 'topic' | 'partition'>,
): string => JSON.stringify([OFFSET, transactionalId, group, topic, partition]);
