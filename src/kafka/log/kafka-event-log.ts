import { KafkaAdmin } from './admin/kafka-admin.js';
import { OffsetLookup } from './admin/offset-lookup.js';
import { Cluster } from './cluster/cluster.js';
import { TopicDirectory } from './cluster/topic-directory.js';
import type {
  EventLog,
  JoinGroupOptions,
  LogAdmin,
  LogPublisher,
  PartitionGroup,
  PartitionReader,
} from './event-log.js';
import { GroupCoordinator } from './group/coordinator.js';
import { GroupMember } from './group/group-member.js';
import { groupTimes } from './group/group-times.js';
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
  private readonly members = new Set<GroupMember>();

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

  joinGroup(options: JoinGroupOptions): PartitionGroup {
    const times = groupTimes(options);
    const coordinator = new GroupCoordinator(this.cluster, options.groupId, times);
    const member = new GroupMember(options, times, coordinator, this.cluster);
    this.members.add(member);
    void member.done.then(() => this.members.delete(member));
    return member;
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

  async close(): Promise<void> {
    await Promise.all([...this.members].map((member) => member.leave()));
    await this.batcher.close();
    this.readers.close();
    this.cluster.close();
  }
}
