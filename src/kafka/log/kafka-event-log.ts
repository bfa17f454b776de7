import { KafkaAdmin } from './admin/kafka-admin.js';
import { OffsetLookup } from './admin/offset-lookup.js';
import { Cluster } from './cluster/cluster.js';
import { TopicDirectory } from './cluster/topic-directory.js';
import type { EventLog, LogAdmin, LogPublisher, PartitionReader } from './event-log.js';
import { LogUnavailable } from './log.errors.js';
import type { ClusterOptions } from './network/connection-options.js';
import { Batcher, defaultPublishLimits } from './publish/batcher.js';
import { KafkaTopics } from './publish/kafka-topics.js';
import { KafkaTransport } from './publish/kafka-transport.js';
import type { PublishLimits } from './publish/ports.js';
import { Fetcher } from './read/fetcher.js';
import { Readers, type ReadOptions } from './read/readers.js';

const HEALTH_TIMEOUT_MS = 2_000;

/** Kafka's log over @platformatic/kafka's connections; see ADR 1. */
export class KafkaEventLog implements EventLog {
  readonly publisher: LogPublisher;
  readonly admin: LogAdmin;
  private readonly cluster: Cluster;
  private readonly batcher: Batcher;
  private readonly readers: Readers;

  constructor(options: ClusterOptions, limits: PublishLimits = defaultPublishLimits) {
    this.cluster = new Cluster(options);
    const directory = new TopicDirectory(this.cluster);
    const topics = new KafkaTopics(this.cluster, directory);
    this.batcher = new Batcher(topics, new KafkaTransport(this.cluster), limits);
    this.publisher = this.batcher;
    this.admin = new KafkaAdmin(this.cluster, directory);
    this.readers = new Readers(
      new Fetcher(this.cluster, directory),
      new OffsetLookup(this.cluster, directory),
    );
  }

  /** Bytes that wait to be stored or acknowledged; for metrics. */
  get bufferedBytes(): number {
    return this.batcher.bufferedBytes;
  }

  /** Readers that are open and have read; for metrics. */
  get openReaders(): number {
    return this.readers.openReaders;
  }

  /** Partitions that they read; for metrics. */
  get openPartitions(): number {
    return this.readers.openPartitions;
  }

  read(options: ReadOptions): PartitionReader {
    return this.readers.open(options);
  }

  async health(): Promise<{ readonly ok: boolean; readonly detail?: string }> {
    try {
      await this.cluster.topics([], HEALTH_TIMEOUT_MS);
      return { ok: true };
    } catch (error) {
      if (error instanceof LogUnavailable) return { ok: false, detail: error.message };
      throw error;
    }
  }

  /** Waits until what was handed to the publisher is settled, then ends readers and connections. */
  async close(): Promise<void> {
    await this.batcher.close();
    this.readers.close();
    this.cluster.close();
  }
}
