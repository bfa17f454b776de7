import { randomUUID } from 'node:crypto';
import { ErrorCode, KafkaError } from '../protocol/error-codes.js';
import { PartitionLog } from '../storage/partition-log.js';
import type { FsyncMode } from '../storage/log-types.js';
import type { StorageRuntime } from '../storage/storage-runtime.js';
import { validateConfigs, type ConfigValues } from './config-values.js';
import { TopicFiles } from './topic-files.js';
import { collisionKey, validateTopicName } from './topic-name.js';
import { Topic } from './topic.js';

/** Logs opened at once while a broker starts. */
const OPENED_TOGETHER = 32;
/** More partitions in one request are refused, as they would not fit into one node. */
const MAX_PARTITIONS = 10_000;

export interface TopicRegistryOptions {
  readonly directory: string;
  readonly leaderEpoch: number;
  readonly fsync: FsyncMode;
  readonly runtime: StorageRuntime;
  /** Values for topics that do not set a configuration themselves. */
  readonly defaults: ConfigValues;
}

/** All topics of the broker. Changes run one at a time and are on disk before they are seen. */
export class TopicRegistry {
  private readonly byName = new Map<string, Topic>();
  private readonly byId = new Map<string, Topic>();
  private readonly deletionListeners: Array<(topic: Topic) => void | Promise<void>> = [];
  private readonly files: TopicFiles;
  private changes: Promise<unknown> = Promise.resolve();

  private constructor(private readonly options: TopicRegistryOptions) {
    this.files = new TopicFiles(options.directory, options.fsync !== 'never');
  }

  /** Opens every topic found in the directory. */
  static async open(options: TopicRegistryOptions): Promise<TopicRegistry> {
    const registry = new TopicRegistry(options);
    const records = await registry.files.load();
    for (let i = 0; i < records.length; i += OPENED_TOGETHER) {
      const some = records.slice(i, i + OPENED_TOGETHER);
      await Promise.all(
        some.map(async (record) => {
          const topic = new Topic(record, options.defaults);
          await registry.openPartitions(topic, record.partitions);
          registry.register(topic);
        }),
      );
    }
    return registry;
  }

  get(name: string): Topic | undefined {
    return this.byName.get(name);
  }

  getById(id: string): Topic | undefined {
    return this.byId.get(id);
  }

  all(): readonly Topic[] {
    return [...this.byName.values()];
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
    if (this.byName.has(name)) {
      throw new KafkaError(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`);
    }
    const key = collisionKey(name);
    const collides = this.all().find((topic) => collisionKey(topic.name) === key);
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
        await this.openPartitions(topic, partitions);
        await this.files.save(topic.toRecord());
      } catch (error) {
        await this.discard(topic);
        throw error;
      }
      this.register(topic);
      return topic;
    });
  }

  /** The topic, made now if it does not exist. */
  async getOrCreate(name: string, partitions: number): Promise<Topic> {
    const existing = this.byName.get(name);
    if (existing) return existing;
    try {
      return await this.create(name, partitions);
    } catch (error) {
      const madeMeanwhile = this.byName.get(name);
      if (madeMeanwhile) return madeMeanwhile;
      throw error;
    }
  }

  /** Deletes a topic, its records and whatever listens for that. */
  delete(topic: Topic): Promise<void> {
    return this.change(async () => {
      if (this.byId.get(topic.id) !== topic) {
        throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'The topic is gone.');
      }
      await this.files.removeRecord(topic.id);
      this.byName.delete(topic.name);
      this.byId.delete(topic.id);
      await this.discard(topic);
      for (const listener of this.deletionListeners) await listener(topic);
    });
  }

  /** Adds partitions up to a new total. */
  addPartitions(topic: Topic, total: number): Promise<void> {
    return this.change(async () => {
      this.validateNewTotal(topic, total);
      await this.files.save({ ...topic.toRecord(), partitions: total });
      await this.openPartitions(topic, total);
    });
  }

  /** @throws KafkaError INVALID_PARTITIONS unless the total grows. */
  validateNewTotal(topic: Topic, total: number): void {
    const current = topic.partitions.length;
    if (total > current && total <= MAX_PARTITIONS) return;
    throw new KafkaError(
      ErrorCode.INVALID_PARTITIONS,
      total === current
        ? `Topic already has ${current} partition(s).`
        : `The topic ${topic.name} currently has ${current} partition(s); ${total} would not be an increase.`,
    );
  }

  /** Replaces the configurations set on a topic. @throws KafkaError INVALID_CONFIG */
  configure(
    topic: Topic,
    change: (current: ConfigValues) => Record<string, string | null>,
  ): Promise<void> {
    return this.change(async () => {
      const configs = validateConfigs(change(topic.configs));
      await this.files.save({ ...topic.toRecord(), configs });
      topic.configure(configs);
    });
  }

  /** Runs retention and compaction on every partition once. */
  async clean(): Promise<void> {
    for (const topic of this.all()) {
      for (const log of topic.partitions) {
        if (this.byId.get(topic.id) === topic) await log.cleanOnce();
      }
    }
  }

  async close(): Promise<void> {
    await this.changes;
    await Promise.all(this.all().flatMap((topic) => topic.partitions.map((log) => log.close())));
  }

  private change<T>(action: () => Promise<T>): Promise<T> {
    const result = this.changes.then(action);
    // The caller gets the failure; the next change must still run.
    this.changes = result.catch(() => undefined);
    return result;
  }

  /** Closes and removes what there is of a topic. */
  private async discard(topic: Topic): Promise<void> {
    await Promise.all(topic.partitions.map((log) => log.delete()));
    await this.files.removeRest(topic.id);
  }

  private register(topic: Topic): void {
    this.byName.set(topic.name, topic);
    this.byId.set(topic.id, topic);
  }

  private async openPartitions(topic: Topic, total: number): Promise<void> {
    const { leaderEpoch, fsync, runtime } = this.options;
    const results = await Promise.allSettled(
      Array.from({ length: total - topic.partitions.length }, (_, i) =>
        PartitionLog.open({
          directory: this.files.partitionDirectory(topic.id, topic.partitions.length + i),
          config: () => topic.logConfig,
          leaderEpoch,
          fsync,
          runtime,
        }),
      ),
    );
    const opened = results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const failed = results.find((each) => each.status === 'rejected');
    if (failed) {
      await Promise.all(opened.map((log) => log.close()));
      throw failed.reason;
    }
    await this.files.partitionsMade(topic.id);
    for (const log of opened) topic.addPartition(log);
  }
}
