import { bytesOfEntry, type Change, type KeyValueLog } from '../storage/key-value-log.js';
import type { CommitOrder } from './commit-order.js';
import { isOfPresentTopic, type TopicIdOf } from './topic-identity.js';

/** A consumer position as it was committed. */
export interface CommittedOffset {
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
  /** Milliseconds since the epoch. */
  readonly committedAt: number;
  /** Id of its topic; undefined: kept by a version that did not note it. */
  readonly topicId?: string;
  /** Its place in the order of all commits; undefined: it has none yet, or came before there were any. */
  readonly order?: number;
}

export interface PartitionOffset extends CommittedOffset {
  readonly topic: string;
  readonly partition: number;
}

/** One that is committed now: its topic is known. */
export interface NewOffset extends PartitionOffset {
  readonly topicId: string;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** What the offsets depend on besides their log. */
export interface CommittedOffsetsOptions {
  /** Memory for all of them, about; more are refused. */
  readonly maxBytes: number;
  readonly order: CommitOrder;
  readonly topicIdOf: TopicIdOf;
}

type OffsetsOfGroup = Map<string, Map<number, CommittedOffset>>;

const KIND = 'offset';
/** More than all the numbers of an offset take, so that none outgrows the room that it has. */
const NUMBERS_BYTES = 64;

/** Memory that an offset takes beyond its former self: only new ones and longer metadata do. */
export function growthOf(
  key: string,
  value: CommittedOffset,
  former: CommittedOffset | undefined,
): number {
  if (former) return Math.max(0, keptLength(value.metadata) - keptLength(former.metadata));
  return bytesOfEntry(key, JSON.stringify(value)) + NUMBERS_BYTES;
}

/** As JSON: some characters take six. */
const keptLength = (metadata: string): number => JSON.stringify(metadata).length;

/** The committed offsets of all groups, in a compacted log and in memory. */
export class CommittedOffsets {
  private readonly groups = new Map<string, OffsetsOfGroup>();
  /** The last write of each key that is on its way to the disk. */
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(
    private readonly log: KeyValueLog,
    private readonly options: CommittedOffsetsOptions,
  ) {
    const stale: string[] = [];
    for (const [key, value] of log.entries()) {
      const [kind, group, topic, partition] = JSON.parse(key) as [string, string, string, number];
      if (kind !== KIND) continue;
      const offset = { topic, partition, ...(JSON.parse(value) as CommittedOffset) };
      options.order.seen(offset.order);
      if (!this.remember(group, offset)) stale.push(key);
    }
    // Gone already; the disk may hear of it later.
    void log.forget(stale);
  }

  /** Groups with at least one offset. */
  groupIds(): IterableIterator<string> {
    return this.groups.keys();
  }

  get groupCount(): number {
    return this.groups.size;
  }

  has(group: string): boolean {
    return this.groups.has(group);
  }

  get(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.groups.get(group)?.get(topic)?.get(partition);
  }

  all(group: string): readonly PartitionOffset[] {
    return [...(this.groups.get(group) ?? [])].flatMap(([topic, partitions]) =>
      [...partitions].map(([partition, offset]) => ({ topic, partition, ...offset })),
    );
  }

  /** Offsets of a group that nobody is changing now. */
  settled(group: string): readonly PartitionOffset[] {
    return this.all(group).filter((one) => !this.underWay.has(keyOf(group, one)));
  }

  /**
   * Stores offsets, all or none. They are seen once they are on disk.
   * @throws TooMuchKept where new ones would take too much memory; StorageError
   */
  async commit(group: string, offsets: readonly NewOffset[]): Promise<void> {
    if (offsets.length === 0) return;
    const ordered = offsets.map((one) => ({ ...one, order: this.options.order.next() }));
    const growth = this.growthBy(group, ordered);
    await this.store(group, ordered, (changes) =>
      this.log.writeWithin(this.options.maxBytes, growth, changes),
    );
  }

  /**
   * Stores what a transaction has committed, whatever room there is, but nothing over what came after it.
   * @param offsets those that are still to be committed: some may be deleted meanwhile
   * @throws StorageError
   */
  async commitDecided(group: string, offsets: () => readonly PartitionOffset[]): Promise<void> {
    const isNewer = (one: PartitionOffset): boolean =>
      (this.get(group, one.topic, one.partition)?.order ?? 0) <= (one.order ?? 0);
    for (;;) {
      const left = offsets().filter(isNewer);
      const waits = left.map((one) => this.underWay.get(keyOf(group, one)));
      if (waits.every((wait) => wait === undefined)) {
        return left.length === 0
          ? undefined
          : this.store(group, left, (changes) => this.log.write(changes));
      }
      await Promise.allSettled(waits);
    }
  }

  /** Whether there is room for offsets that are to come. @throws TooMuchKept */
  requireRoom(group: string, offsets: readonly PartitionOffset[]): void {
    this.log.requireRoom(this.growthBy(group, offsets), this.options.maxBytes);
  }

  /** @param more changes that are to be made in the same step */
  async remove(
    group: string,
    partitions: readonly TopicPartition[],
    more: readonly Change[] = [],
  ): Promise<void> {
    const changes = partitions.map((one) => [keyOf(group, one), null] as const);
    await this.log.write([...changes, ...more]);
    for (const { topic, partition } of partitions) this.drop(group, topic, partition);
  }

  /** Forgets a deleted topic in every group, at once. What is on its way is known by the topic's id. */
  async removeTopic(topic: string): Promise<void> {
    const keys: string[] = [];
    for (const [group, offsets] of this.groups) {
      for (const partition of offsets.get(topic)?.keys() ?? []) {
        keys.push(keyOf(group, { topic, partition }));
        this.drop(group, topic, partition);
      }
    }
    await this.log.forget(keys);
  }

  private growthBy(group: string, offsets: readonly PartitionOffset[]): number {
    return offsets.reduce((sum, one) => {
      const former = this.get(group, one.topic, one.partition);
      return sum + growthOf(keyOf(group, one), one, former);
    }, 0);
  }

  private async store(
    group: string,
    offsets: readonly PartitionOffset[],
    write: (changes: readonly Change[]) => Promise<void>,
  ): Promise<void> {
    const entries = offsets.map((one) => {
      const { topic: _, partition: __, ...value } = one;
      return { one, key: keyOf(group, one), value: JSON.stringify(value) };
    });
    const writing = write(entries.map(({ key, value }) => [key, value] as const));
    for (const { key } of entries) this.underWay.set(key, writing);
    try {
      await writing;
    } finally {
      for (const { key } of entries) {
        if (this.underWay.get(key) === writing) this.underWay.delete(key);
      }
    }
    // What was written or removed after it may be there already.
    const last = entries.filter(({ key, value }) => this.log.get(key) === value);
    const gone = last.filter(({ one }) => !this.remember(group, one));
    const keys = gone.map(({ key }) => key).filter((key) => !this.underWay.has(key));
    await this.log.forget(keys);
  }

  /** False: its topic is gone. */
  private remember(group: string, one: PartitionOffset): boolean {
    if (!isOfPresentTopic(one, this.options.topicIdOf)) return false;
    const { topic, partition, ...offset } = one;
    let offsets = this.groups.get(group);
    if (!offsets)
      this.groups.set(group, (offsets = new Map<string, Map<number, CommittedOffset>>()));
    let ofTopic = offsets.get(topic);
    if (!ofTopic) offsets.set(topic, (ofTopic = new Map<number, CommittedOffset>()));
    ofTopic.set(partition, offset);
    return true;
  }

  private drop(group: string, topic: string, partition: number): void {
    const offsets = this.groups.get(group);
    const ofTopic = offsets?.get(topic);
    ofTopic?.delete(partition);
    if (ofTopic?.size === 0) offsets?.delete(topic);
    if (offsets?.size === 0) this.groups.delete(group);
  }
}

function keyOf(group: string, { topic, partition }: TopicPartition): string {
  return JSON.stringify([KIND, group, topic, partition]);
}
