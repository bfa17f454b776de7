import type { PartitionOffset } from '../groups/committed-offsets.js';
import { requireRoom, type KeyValueLog } from '../storage/key-value-log.js';
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
  /** In how many transactions an offset is pending. */
  private readonly pendingCounts = new Map<string, number>();

  /** @param maxBytes memory for all of it, about; what would need more is refused. */
  constructor(
    private readonly log: KeyValueLog,
    private readonly maxBytes: number,
  ) {
    for (const [key, value] of log.entries()) {
      const [kind, transactionalId] = JSON.parse(key) as [string, string];
      if (kind === STATE) this.remember(JSON.parse(value.toString()) as Transaction);
      else
        this.rememberPending(transactionalId, key, JSON.parse(value.toString()) as PendingOffset);
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

  /** The same for one that has more to say than before. @throws TooMuchKept, StorageError */
  async saveMore(transaction: Transaction): Promise<void> {
    const change = [stateKey(transaction.transactionalId), json(transaction)] as const;
    requireRoom(this.log, [change], this.maxBytes);
    await this.save(transaction);
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
    return this.pendingCounts.has(placeOf({ group, topic, partition }));
  }

  /** @throws TooMuchKept, StorageError */
  async addOffsets(transactionalId: string, offsets: readonly PendingOffset[]): Promise<void> {
    const changes = offsets.map((one) => [offsetKey(transactionalId, one), json(one)] as const);
    requireRoom(this.log, changes, this.maxBytes);
    await this.log.write(changes);
    for (const one of offsets) {
      this.rememberPending(transactionalId, offsetKey(transactionalId, one), one);
    }
  }

  /**
   * Offsets of a topic that is gone are not committed any more, from now on and whatever the disk
   * says: another topic may get its name.
   */
  async forgetTopic(topic: string): Promise<void> {
    const keys: string[] = [];
    for (const [transactionalId, offsets] of this.pending) {
      for (const [key, one] of offsets) {
        if (one.topic !== topic) continue;
        keys.push(key);
        this.forgetPending(transactionalId, key);
      }
    }
    await this.log.forget(keys);
  }

  /** Topics of which an offset is pending. */
  pendingTopics(): ReadonlySet<string> {
    const offsets = [...this.pending.values()].flatMap((each) => [...each.values()]);
    return new Set(offsets.map(({ topic }) => topic));
  }

  /** Stores the end of a transaction; what it would have committed is forgotten in the same step. */
  async saveEnd(transaction: Transaction): Promise<void> {
    const { transactionalId } = transaction;
    const keys = [...(this.pending.get(transactionalId)?.keys() ?? [])];
    await this.log.write([
      ...keys.map((key) => [key, null] as const),
      [stateKey(transactionalId), json(transaction)],
    ]);
    for (const key of keys) this.forgetPending(transactionalId, key);
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

  private rememberPending(transactionalId: string, key: string, one: PendingOffset): void {
    let offsets = this.pending.get(transactionalId);
    if (offsets === undefined) this.pending.set(transactionalId, (offsets = new Map()));
    if (!offsets.has(key)) this.countPending(one, 1);
    offsets.set(key, one);
  }

  private forgetPending(transactionalId: string, key: string): void {
    const offsets = this.pending.get(transactionalId);
    const one = offsets?.get(key);
    if (one === undefined) return;
    offsets!.delete(key);
    if (offsets!.size === 0) this.pending.delete(transactionalId);
    this.countPending(one, -1);
  }

  private countPending(one: PendingOffset, by: 1 | -1): void {
    const place = placeOf(one);
    const count = (this.pendingCounts.get(place) ?? 0) + by;
    if (count === 0) this.pendingCounts.delete(place);
    else this.pendingCounts.set(place, count);
  }
}

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));

const stateKey = (transactionalId: string): string => JSON.stringify([STATE, transactionalId]);

type OffsetPlace = Pick<PendingOffset, 'group' | 'topic' | 'partition'>;

const placeOf = ({ group, topic, partition }: OffsetPlace): string =>
  JSON.stringify([group, topic, partition]);

const offsetKey = (transactionalId: string, { group, topic, partition }: OffsetPlace): string =>
  JSON.stringify([OFFSET, transactionalId, group, topic, partition]);
