import { requireRoom, type KeyValueLog } from '../storage/key-value-log.js';

/** A consumer position as it was committed. */
export interface CommittedOffset {
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
  /** Milliseconds since the epoch. */
  readonly committedAt: number;
}

export interface PartitionOffset extends CommittedOffset {
  readonly topic: string;
  readonly partition: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

type OffsetsOfGroup = Map<string, Map<number, CommittedOffset>>;

const KIND = 'offset';

/** The committed offsets of all groups, in a compacted log and in memory. */
export class CommittedOffsets {
  private readonly groups = new Map<string, OffsetsOfGroup>();

  /** @param maxBytes memory for all of them, about; more are refused. */
  constructor(
    private readonly log: KeyValueLog,
    private readonly maxBytes: number,
  ) {
    for (const [key, value] of log.entries()) {
      const [kind, group, topic, partition] = JSON.parse(key) as [string, string, string, number];
      if (kind !== KIND) continue;
      this.remember(group, {
        topic,
        partition,
        ...(JSON.parse(value.toString()) as CommittedOffset),
      });
    }
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

  /**
   * Stores offsets, all or none. They are seen once they are on disk.
   * @throws TooMuchKept where new ones would take too much memory; StorageError
   */
  async commit(group: string, offsets: readonly PartitionOffset[]): Promise<void> {
    if (offsets.length === 0) return;
    const changes = offsets.map(({ topic, partition, ...value }) => {
      return [keyOf(group, topic, partition), Buffer.from(JSON.stringify(value))] as const;
    });
    requireRoom(this.log, changes, this.maxBytes);
    await this.log.write(changes);
    for (const offset of offsets) this.remember(group, offset);
  }

  async remove(group: string, partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0) return;
    await this.log.write(
      partitions.map(({ topic, partition }) => [keyOf(group, topic, partition), null]),
    );
    const offsets = this.groups.get(group);
    for (const { topic, partition } of partitions) {
      const ofTopic = offsets?.get(topic);
      ofTopic?.delete(partition);
      if (ofTopic?.size === 0) offsets?.delete(topic);
    }
    if (offsets?.size === 0) this.groups.delete(group);
  }

  /** Topics of which any group has an offset. */
  topics(): ReadonlySet<string> {
    return new Set([...this.groups.values()].flatMap((offsets) => [...offsets.keys()]));
  }

  /** Forgets a deleted topic in every group, at once: another may get its name. */
  async removeTopic(topic: string): Promise<void> {
    const keys: string[] = [];
    for (const [group, offsets] of this.groups) {
      for (const partition of offsets.get(topic)?.keys() ?? []) {
        keys.push(keyOf(group, topic, partition));
      }
      offsets.delete(topic);
      if (offsets.size === 0) this.groups.delete(group);
    }
    await this.log.forget(keys);
  }

  private remember(group: string, { topic, partition, ...offset }: PartitionOffset): void {
    let offsets = this.groups.get(group);
    if (!offsets)
      this.groups.set(group, (offsets = new Map<string, Map<number, CommittedOffset>>()));
    let ofTopic = offsets.get(topic);
    if (!ofTopic) offsets.set(topic, (ofTopic = new Map<number, CommittedOffset>()));
    ofTopic.set(partition, offset);
  }
}

function keyOf(group: string, topic: string, partition: number): string {
  return JSON.stringify([KIND, group, topic, partition]);
}
