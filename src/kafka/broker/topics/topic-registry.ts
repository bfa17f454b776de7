import { randomUUID } from 'node:crypto';
import { ErrorCode, KafkaError } from '../protocol/error-codes.js';
import type { PartitionLog } from '../storage/partition-log.js';
import { allDone } from '../concurrency/all-done.js';
import { cleanTopics } from './clean-topics.js';
import { validateConfigs, type ConfigValues } from './config-values.js';
import { TopicFiles } from './topic-files.js';
import { TopicIndex } from './topic-index.js';
import { validateTopicName } from './topic-name.js';
import {
  discardTopic,
  makePartitions,
  openPartitions,
  type PartitionSettings,
} from './topic-partitions.js';
import { Topic, type TopicRecord } from './topic.js';

/** Topics opened at once while a broker starts. */
const OPENED_TOGETHER = 32;
/** More partitions of one topic are refused, as they would not fit into one node. */
export const MAX_PARTITIONS = 10_000;

export interface TopicRegistryOptions extends PartitionSettings {
  readonly directory: string;
  /** Values for topics that do not set a configuration themselves. */
  readonly defaults: ConfigValues;
  /** Partitions of all topics together; more are refused. */
  readonly maxPartitions: number;
}

/** All topics of the broker. Changes run one at a time and are on disk before they are seen. */
export class TopicRegistry {
  private readonly index: TopicIndex;
  private readonly deletionListeners: Array<(topic: Topic) => void | Promise<void>> = [];
  private readonly files: TopicFiles;
  private changes: Promise<unknown> = Promise.resolve();

  private constructor(private readonly options: TopicRegistryOptions) {
    this.index = new TopicIndex(options.maxPartitions);
    const { directory, fsync, runtime } = options;
    this.files = new TopicFiles(directory, fsync !== 'never', runtime.guard);
  }

  /**
   * Opens every topic found in the directory.
   * @throws TopicKeptTwice, TopicMisplaced, and what the file system throws; nothing is open then
   */
  static async open(options: TopicRegistryOptions): Promise<TopicRegistry> {
    const registry = new TopicRegistry(options);
    const records = await registry.files.load();
    try {
      for (let i = 0; i < records.length; i += OPENED_TOGETHER) {
        const some = records.slice(i, i + OPENED_TOGETHER);
        await allDone(some.map((record) => registry.openTopic(record)));
      }
    } catch (error) {
      // Whoever may not start is told why, not what else went wrong.
      await registry.close().catch(() => undefined);
      throw error;
    }
    return registry;
  }

  get(name: string): Topic | undefined {
    return this.index.get(name);
  }

  getById(id: string): Topic | undefined {
    return this.index.getById(id);
  }

  all(): readonly Topic[] {
    return this.index.all();
  }

  /** The values that apply to topics which do not set a configuration. */
  get defaults(): ConfigValues {
    return this.options.defaults;
  }

  /** Calls back with each topic that was deleted. */
  onDeletion(listener: (topic: Topic) => void | Promise<void>): void {
    this.deletionListeners.push(listener);
  }

  /** @throws KafkaError where creating the topic would fail. */
  validateNew(name: string, partitions: number, configs: Record<string, string | null>): void {
    validateTopicName(name);
    if (this.get(name)) {
      throw new KafkaError(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`);
    }
    const collides = this.index.colliding(name);
    if (collides) {
      throw new KafkaError(
        ErrorCode.INVALID_TOPIC_EXCEPTION,
        `Topic '${name}' collides with existing topic: ${collides.name}`,
      );
    }
    if (partitions < 1 || partitions > MAX_PARTITIONS) {
      throw new KafkaError(
        ErrorCode.INVALID_PARTITIONS,
        `Number of partitions was ${partitions}; it must be from 1 to ${MAX_PARTITIONS}.`,
      );
    }
    this.index.requireRoomFor(partitions);
    validateConfigs(configs);
  }

  /** Makes a topic. @throws KafkaError as validateNew does. */
  create(
    name: string,
    partitions: number,
    configs: Record<string, string | null> = {},
  ): Promise<Topic> {
    return this.change(async () => {
      this.validateNew(name, partitions, configs);
      const id = randomUUID().replaceAll('-', '');
      const topic = new Topic(
        { name, id, partitions, configs: validateConfigs(configs) },
        this.options.defaults,
      );
      try {
        for (const log of await this.openPartitions(topic, partitions)) topic.addPartition(log);
        await this.files.save(topic.toRecord());
      } catch (error) {
        // Why it cannot be made is what matters, not what comes of removing it.
        await discardTopic(topic, this.files).catch(() => undefined);
        throw error;
      }
      this.index.add(topic);
      return topic;
    });
  }

  /** The topic, made now if it does not exist. */
  async getOrCreate(name: string, partitions: number): Promise<Topic> {
    const existing = this.get(name);
    if (existing) return existing;
    try {
      return await this.create(name, partitions);
    } catch (error) {
      const madeMeanwhile = this.get(name);
      if (madeMeanwhile) return madeMeanwhile;
      throw error;
    }
  }

  /** Deletes a topic, its records and whatever listens for that. */
  delete(topic: Topic): Promise<void> {
    return this.changeOf(topic, async () => {
      await this.files.removeRecord(topic.id);
      this.index.remove(topic);
      // Whatever fails now, the topic is gone.
      const onDisk = this.files.recordRemoved(topic.id);
      await allDone([this.tellOfDeletion(topic, onDisk), this.removeRecords(topic, onDisk)]);
    });
  }

  /** Adds partitions up to a new total. */
  addPartitions(topic: Topic, total: number): Promise<void> {
    return this.changeOf(topic, async () => {
      this.validateNewTotal(topic, total);
      this.index.extend(topic, await makePartitions(topic, total, this.files, this.options));
    });
  }

  /** @throws KafkaError INVALID_PARTITIONS unless the total grows; POLICY_VIOLATION: by too much. */
  validateNewTotal(topic: Topic, total: number): void {
    const current = topic.partitions.length;
    if (total > current && total <= MAX_PARTITIONS)
      return this.index.requireRoomFor(total - current);
    throw new KafkaError(ErrorCode.INVALID_PARTITIONS, refusalOf(topic, total));
  }

  /** Replaces the configurations set on a topic. @throws KafkaError INVALID_CONFIG */
  configure(
    topic: Topic,
    change: (current: ConfigValues) => Record<string, string | null>,
  ): Promise<void> {
    return this.changeOf(topic, async () => {
      const configs = validateConfigs(change(topic.configs));
      const record = topic.toRecord();
      await this.files.replace(record, { ...record, configs });
      topic.configure(configs);
    });
  }

  /** Runs retention and compaction on every partition once. @throws AggregateError */
  clean(): Promise<void> {
    return cleanTopics(this.index);
  }

  async close(): Promise<void> {
    await this.changes;
    await allDone(this.all().flatMap((topic) => topic.partitions.map((log) => log.close())));
  }

  private change<T>(action: () => Promise<T>): Promise<T> {
    const result = this.changes.then(action);
    // The caller gets the failure; the next change must still run.
    this.changes = result.catch(() => undefined);
    return result;
  }

  /** A change of a topic that may be gone, or another one's of its name, when its turn comes. */
  private changeOf(topic: Topic, action: () => Promise<void>): Promise<void> {
    return this.change(async () => {
      if (this.index.has(topic)) return await action();
      throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'The topic is gone.');
    });
  }

  private async openTopic(record: TopicRecord): Promise<void> {
    const topic = new Topic(record, this.options.defaults);
    const logs = await this.openPartitions(topic, record.partitions);
    for (const log of logs) topic.addPartition(log);
    this.index.add(topic);
  }

  /** A topic that a power cut brings back is to find what others keep of it. */
  private async tellOfDeletion(topic: Topic, onDisk: Promise<void>): Promise<void> {
    // Where it fails, who deletes the topic is told why by `removeRecords`.
    await onDisk.catch(() => undefined);
    await allDone(this.deletionListeners.map(async (listener) => listener(topic)));
  }

  /** Where the disk may still have the topic's record, its records stay until the next start. */
  private async removeRecords(topic: Topic, onDisk: Promise<void>): Promise<void> {
    try {
      await onDisk;
    } catch (error) {
      await allDone(topic.partitions.map((log) => log.close()));
      throw error;
    }
    await discardTopic(topic, this.files);
  }

  private openPartitions(topic: Topic, total: number): Promise<readonly PartitionLog[]> {
    return openPartitions(topic, total, this.files, this.options);
  }
}

/** Kafka's words, and ours for the bound that it does not have. */
function refusalOf({ name, partitions }: Topic, total: number): string {
  const current = partitions.length;
  if (total === current) return `Topic already has ${current} partition(s).`;
  if (total > current) return `A topic has at most ${MAX_PARTITIONS} partitions.`;
  return `The topic ${name} currently has ${current} partition(s); ${total} would not be an increase.`;
}
