import { join } from 'node:path';
import { oneByOne } from './concurrency/one-by-one.js';
import { DataDirectory } from './data-directory.js';
import { CommitOrder } from './groups/commit-order.js';
import { GroupCoordinator } from './groups/group-coordinator.js';
import { systemTimers } from './groups/timers.js';
import { ProducerIds } from './producer-ids.js';
import type { BrokerSettings } from './settings.js';
import { KeyValueLog } from './storage/key-value-log.js';
import { DEFAULT_LOG_CONFIG } from './storage/log-config.js';
import { StorageRuntime } from './storage/storage-runtime.js';
import { ConfigType } from './topics/config-definitions.js';
import { ConfigSource, type DescribedConfig } from './topics/describe-topic-configs.js';
import { TopicRegistry } from './topics/topic-registry.js';
import { TransactionCoordinator } from './transactions/transaction-coordinator.js';

const NODE_ID = 1;

/** This broker as clients are told about it. */
export interface BrokerNode {
  readonly nodeId: number;
  readonly clusterId: string;
  /** Where clients are to connect. */
  readonly host: string;
  readonly port: number;
  /** Rises at each start. */
  readonly leaderEpoch: number;
}

/** What the APIs work on: topics, groups, producers and transactions, without any network. */
export class Broker {
  private address = { host: '', port: 0 };
  private cleaning: NodeJS.Timeout | undefined;
  private cleanRun: Promise<void> = Promise.resolve();
  private checking: NodeJS.Timeout | undefined;
  private checkRun: Promise<void> = Promise.resolve();
  private closed = false;

  private constructor(
    readonly settings: BrokerSettings,
    private readonly directory: DataDirectory,
    private readonly runtime: StorageRuntime,
    readonly topics: TopicRegistry,
    readonly groups: GroupCoordinator,
    readonly producerIds: ProducerIds,
    readonly transactions: TransactionCoordinator,
  ) {}

  /** Locks and opens the data directory, and recovers what a crash left. */
  static async open(settings: BrokerSettings): Promise<Broker> {
    const durable = settings.fsync !== 'never';
    const directory = await DataDirectory.open(settings.dataDir, durable, settings.onFailure);
    const { lost } = directory;
    lost.addEventListener('abort', () => settings.onFailure(lost.reason));
    const guard = (): void => directory.requireHeld();
    const opened: { close(): Promise<void> }[] = [];
    try {
      const runtime = new StorageRuntime({ tailCacheBytes: settings.tailCacheBytes, guard });
      const { leaderEpoch } = directory;
      const { fsync } = settings;
      const topics = await TopicRegistry.open({
        directory: join(settings.dataDir, 'topics'),
        leaderEpoch,
        fsync,
        runtime,
        defaults: settings.topicDefaults,
        maxPartitions: settings.maxPartitions,
      });
      opened.push(topics);
      const groupLog = await KeyValueLog.open({
        directory: join(settings.dataDir, 'groups'),
        config: () => ({
          ...DEFAULT_LOG_CONFIG,
          cleanupPolicy: 'compact',
          segmentBytes: 16_777_216,
        }),
        leaderEpoch,
        fsync,
        runtime,
      });
      opened.push(groupLog);
      const order = new CommitOrder();
      const topicIdOf = (name: string): string | undefined => topics.get(name)?.id;
      const groups = new GroupCoordinator(groupLog, {
        ...settings.groups,
        timers: systemTimers,
        order,
        topicIdOf,
        hasPending: (group) => transactions.hasPendingOf(group),
        forgetPendingOf: (group) => transactions.forgetGroup(group),
        forgetPending: (group, places) => transactions.forgetOffsets(group, places),
        onFailure: settings.onFailure,
      });
      topics.onDeletion((topic) => groups.offsets.removeTopic(topic.name));
      const producerIds = await ProducerIds.open(settings.dataDir, durable, guard);
      const transactionLog = await KeyValueLog.open({
        directory: join(settings.dataDir, 'transactions'),
        leaderEpoch,
        // Of an epoch that is given again after a power cut, partitions would take new batches for old.
        fsync: durable ? 'always' : 'never',
        runtime,
      });
      opened.push(transactionLog);
      const transactions: TransactionCoordinator = new TransactionCoordinator(
        transactionLog,
        {
          now: Date.now,
          newProducerId: () => producerIds.next(),
          logOf: (topic, partition) => topics.get(topic)?.partitions[partition],
          settled: async (log) => (fsync === 'interval' ? log.flush() : undefined),
          commitOffsets: (group, offsets) => groups.offsets.commitDecided(group, offsets),
          offsetLog: groupLog,
          order,
          topicIdOf,
          coordinatorEpoch: leaderEpoch,
          onFailure: settings.onFailure,
        },
        settings.transactions,
      );
      topics.onDeletion((topic) => transactions.forgetTopic(topic.name));
      await transactions.recover();
      if (durable) await runtime.files.syncPath(settings.dataDir);
      const broker = new Broker(
        settings,
        directory,
        runtime,
        topics,
        groups,
        producerIds,
        transactions,
      );
      broker.startCleaning();
      broker.startCheckingTransactions();
      return broker;
    } catch (error) {
      // Why it cannot open is what matters, whatever comes of closing.
      for (const log of opened) await log.close().catch(settings.onFailure);
      await directory.release();
      throw error;
    }
  }

  /** Aborted, by DataDirectoryLost, when another broker has the data directory: no more is written. */
  get lost(): AbortSignal {
    return this.directory.lost;
  }

  get node(): BrokerNode {
    const { clusterId, leaderEpoch } = this.directory;
    return { nodeId: NODE_ID, clusterId, leaderEpoch, ...this.address };
  }

  /** Tells where clients are to connect, once the server knows. */
  advertise(host: string, port: number): void {
    this.address = { host, port };
  }

  /** The broker's own configurations, all of them read-only. */
  describeConfigs(): readonly DescribedConfig[] {
    const { settings } = this;
    const values: Record<string, string> = {
      'node.id': String(NODE_ID),
      'broker.id': String(NODE_ID),
      'auto.create.topics.enable': String(settings.autoCreateTopics),
      'num.partitions': String(settings.defaultPartitions),
      'default.replication.factor': '1',
      'offsets.topic.replication.factor': '1',
      'group.initial.rebalance.delay.ms': String(settings.groups.initialRebalanceDelayMs),
      'group.min.session.timeout.ms': String(settings.groups.minSessionTimeoutMs),
      'group.max.session.timeout.ms': String(settings.groups.maxSessionTimeoutMs),
      'offsets.retention.minutes': String(settings.groups.offsetsRetentionMs / 60_000),
      'socket.request.max.bytes': String(settings.maxFrameBytes),
      'connections.max.idle.ms': String(settings.idleMs),
      'log.dirs': settings.dataDir,
    };
    return Object.entries(values).map(([name, value]) => ({
      name,
      value,
      source: ConfigSource.STATIC_BROKER,
      type: ConfigType.string,
      synonyms: [{ name, value, source: ConfigSource.STATIC_BROKER }],
    }));
  }

  /** A connection was closed because of what came over it. */
  reportConnectionFailure(error: unknown, clientHost: string): void {
    this.settings.onConnectionFailure(error, clientHost);
  }

  /**
   * Runs retention, compaction and the expiry of offsets once; what fails does not keep the rest from it.
   * @throws AggregateError
   */
  async clean(): Promise<void> {
    await oneByOne([this.topics, this.groups, this.transactions], (part) => part.clean());
  }

  /** Closes all logs, and lets go of the data directory. @throws AggregateError: not all is on the disk */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.cleaning);
    clearTimeout(this.checking);
    await Promise.all([this.cleanRun, this.checkRun]);
    try {
      await oneByOne([this.transactions, this.topics, this.groups], (part) => part.close());
    } finally {
      this.runtime.close();
      await this.directory.release();
    }
  }

  private startCheckingTransactions(): void {
    if (this.closed || this.lost.aborted) return;
    this.checking = setTimeout(() => {
      this.checkRun = this.transactions.endOverdue().then(() => this.startCheckingTransactions());
    }, this.settings.transactions.checkIntervalMs);
    this.checking.unref();
  }

  private startCleaning(): void {
    if (this.closed || this.lost.aborted) return;
    this.cleaning = setTimeout(() => {
      this.cleanRun = this.clean()
        .catch(this.settings.onFailure)
        .then(() => this.startCleaning());
    }, this.settings.cleanIntervalMs);
    this.cleaning.unref();
  }
}
