import type { CommitOrder } from '../groups/commit-order.js';
import { growthOf, type PartitionOffset } from '../groups/committed-offsets.js';
import { isOfPresentTopic, type TopicIdOf } from '../groups/topic-identity.js';
import { bytesOfEntry, type KeyValueLog } from '../storage/key-value-log.js';
import type { Transaction, TransactionPartition } from './transaction.js';

const STATE = 'transaction';
const OFFSET = 'pending-offset';

/** Offsets that a transaction commits for a group once it commits itself. */
export interface PendingOffset extends PartitionOffset {
  readonly group: string;
}

/** What the store depends on besides its log. */
export interface StoreOptions {
  /** Memory for all of it, about; what would need more is refused. */
  readonly maxBytes: number;
  readonly order: CommitOrder;
  readonly topicIdOf: TopicIdOf;
}

/** All transactional ids and what their transactions will commit, in a compacted log and in memory. */
export class TransactionStore {
  private readonly transactions = new Map<string, Transaction>();
  private readonly ids = new Map<number, string>();
  private readonly pending = new Map<string, Map<string, PendingOffset>>();
  /** In how many transactions an offset is pending. */
  private readonly pendingCounts = new Map<string, number>();
  /** How many offsets of a group are. */
  private readonly pendingOfGroups = new Map<string, number>();

  constructor(
    private readonly log: KeyValueLog,
    private readonly options: StoreOptions,
  ) {
    const stale: string[] = [];
    for (const [key, value] of log.entries()) {
      const [kind, transactionalId] = JSON.parse(key) as [string, string];
      if (kind === STATE) this.remember(JSON.parse(value) as Transaction);
      else {
        const one = JSON.parse(value) as PendingOffset;
        options.order.seen(one.order);
        if (this.isCurrent(one)) this.rememberPending(transactionalId, key, one);
        else stale.push(key);
      }
    }
    // Gone already; the disk may hear of it later.
    void log.forget(stale);
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
    const key = stateKey(transaction.transactionalId);
    const value = json(transaction);
    const former = this.log.get(key);
    const present = former === undefined ? 0 : bytesOfEntry(key, former);
    const growth = Math.max(0, bytesOfEntry(key, value) - present);
    await this.log.writeWithin(this.options.maxBytes, growth, [[key, value]]);
    this.remember(transaction);
  }

  /** Seen from now on, though not stored yet: nothing more may join a transaction that ends. */
  show(transaction: Transaction): void {
    this.remember(transaction);
  }

  /** Those of a group in topics that are there: nobody is to find one in another topic of that name. */
  offsetsOf(transactionalId: string, group: string): readonly PartitionOffset[] {
    const all = [...(this.pending.get(transactionalId)?.values() ?? [])];
    const current = all.filter((one) => one.group === group && this.isCurrent(one));
    return current.map((one) => {
      const { group: _, ...offset } = one;
      return offset;
    });
  }

  /** Whether a transaction that has not ended commits this offset. */
  hasPending(group: string, topic: string, partition: number): boolean {
    return this.pendingCounts.has(placeOf({ group, topic, partition }));
  }

  /** The same of any offset of a group. */
  hasPendingOf(group: string): boolean {
    return this.pendingOfGroups.has(group);
  }

  /** They are pending from now on, so that nobody believes what they change. @throws TooMuchKept, StorageError */
  async addOffsets(transactionalId: string, added: readonly PendingOffset[]): Promise<void> {
    const offsets = added
      .filter((one) => this.isCurrent(one))
      .map((one) => ({ ...one, order: this.options.order.next() }));
    const former = this.pending.get(transactionalId);
    const entries = offsets.map((one) => {
      const key = offsetKey(transactionalId, one);
      return { key, one, before: former?.get(key) };
    });
    const growth = entries.reduce(
      (sum, { key, one, before }) => sum + growthOf(key, one, before),
      0,
    );
    const changes = entries.map(({ key, one }) => [key, json(one)] as const);
    const writing = this.log.writeWithin(this.options.maxBytes, growth, changes);
    for (const { key, one } of entries) this.rememberPending(transactionalId, key, one);
    try {
      await writing;
    } catch (error) {
      for (const { key, one, before } of entries) {
        // Its topic or its group may be gone meanwhile.
        if (this.pending.get(transactionalId)?.get(key) !== one) continue;
        if (before) this.rememberPending(transactionalId, key, before);
        else this.forgetPending(transactionalId, key);
      }
      throw error;
    }
    // Their topic or their group was deleted meanwhile.
    const present = this.pending.get(transactionalId);
    const gone = entries.filter(({ key, one }) => present?.get(key) !== one);
    await this.log.forget(gone.map(({ key }) => key));
  }

  /** Offsets of a topic that is gone are not committed any more: another topic may get its name. */
  forgetTopic(topic: string): Promise<void> {
    return this.log.forget(this.forgetWhere((one) => one.topic === topic));
  }

  /** The same for a group that is deleted. @throws StorageError: the disk hears of it later */
  forgetGroup(group: string): Promise<void> {
    return this.log.delete(this.forgetWhere((one) => one.group === group));
  }

  /** The same for offsets that are deleted. @throws StorageError */
  forgetOffsets(group: string, partitions: readonly TransactionPartition[]): Promise<void> {
    const places = new Set(partitions.map((one) => placeOf({ group, ...one })));
    return this.log.delete(this.forgetWhere((one) => places.has(placeOf(one))));
  }

  /** Gives the keys that they had. */
  private forgetWhere(isGone: (one: PendingOffset) => boolean): readonly string[] {
    const keys: string[] = [];
    for (const [transactionalId, offsets] of this.pending) {
      for (const [key, one] of offsets) {
        if (!isGone(one)) continue;
        keys.push(key);
        this.forgetPending(transactionalId, key);
      }
    }
    return keys;
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

  private isCurrent(one: PendingOffset): boolean {
    return isOfPresentTopic(one, this.options.topicIdOf);
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
    count(this.pendingCounts, placeOf(one), by);
    count(this.pendingOfGroups, one.group, by);
  }
}

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next === 0) counts.delete(key);
  else counts.set(key, next);
}

const json = (value: object): string => JSON.stringify(value);

const stateKey = (transactionalId: string): string => JSON.stringify([STATE, transactionalId]);

type OffsetPlace = Pick<PendingOffset, 'group' | 'topic' | 'partition'>;

const placeOf = ({ group, topic, partition }: OffsetPlace): string =>
  JSON.stringify([group, topic, partition]);

const offsetKey = (transactionalId: string, { group, topic, partition }: OffsetPlace): string =>
  JSON.stringify([OFFSET, transactionalId, group, topic, partition]);
