import { ErrorCode, KafkaError } from '../protocol/error-codes.js';
import type { PartitionLog } from '../storage/partition-log.js';
import { collisionKey } from './topic-name.js';
import type { Topic } from './topic.js';

/** The topics that there are, by what they are asked for, and how many partitions they have. */
export class TopicIndex {
  private readonly byName = new Map<string, Topic>();
  private readonly byId = new Map<string, Topic>();
  private readonly byCollisionKey = new Map<string, Topic>();
  /** Partitions of all topics together. */
  private partitions = 0;

  /** @param maxPartitions more are refused. */
  constructor(private readonly maxPartitions: number) {}

  get(name: string): Topic | undefined {
    return this.byName.get(name);
  }

  getById(id: string): Topic | undefined {
    return this.byId.get(id);
  }

  /** A topic that has this name, or one that differs only in what Kafka's metrics cannot tell apart. */
  colliding(name: string): Topic | undefined {
    return this.byCollisionKey.get(collisionKey(name));
  }

  all(): readonly Topic[] {
    return [...this.byName.values()];
  }

  /** Whether this very topic is there; not another one of its name. */
  has(topic: Topic): boolean {
    return this.byId.get(topic.id) === topic;
  }

  /** @throws KafkaError POLICY_VIOLATION where so many more partitions would be too many */
  requireRoomFor(partitions: number): void {
    if (this.partitions + partitions <= this.maxPartitions) return;
    throw new KafkaError(
      ErrorCode.POLICY_VIOLATION,
      `There are ${this.partitions} partitions; this broker has at most ${this.maxPartitions}.`,
    );
  }

  add(topic: Topic): void {
    this.byName.set(topic.name, topic);
    this.byId.set(topic.id, topic);
    this.byCollisionKey.set(collisionKey(topic.name), topic);
    this.partitions += topic.partitions.length;
  }

  /** Gives one of the topics more partitions. */
  extend(topic: Topic, logs: readonly PartitionLog[]): void {
    for (const log of logs) topic.addPartition(log);
    this.partitions += logs.length;
  }

  remove(topic: Topic): void {
    this.byName.delete(topic.name);
    this.byId.delete(topic.id);
    this.byCollisionKey.delete(collisionKey(topic.name));
    this.partitions -= topic.partitions.length;
  }
}
