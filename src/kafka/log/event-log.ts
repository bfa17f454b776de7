/**
 * Long because it is one port, to be read as a whole.
 *
 * The data plane's port: what Millrace needs of Kafka for event topics. Readers need no consumer
 * group; a group shares partitions out, and neither reads nor gives a position back.
 * Offsets are plain numbers (exact up to 2^53). Times are Unix milliseconds. Drivers live beside
 * this file; ADR 1 says which and why. No method resets an offset by itself.
 */

import type { LogError } from './log.errors.js';

/** One record header. Names may repeat, order is kept. */
export interface RecordHeader {
  readonly name: string;
  readonly value: Buffer;
}

/** A record to be written. */
export interface OutgoingRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly RecordHeader[];
  /** Bytes that choose the partition (murmur2 as Kafka's default partitioner); usually the key. */
  readonly partitionBy: Buffer;
  /** Explicit partition; wins over `partitionBy`. */
  readonly partition?: number;
}

/** Where Kafka stored a record; resolved only after the acks=all answer. */
export interface StoredAt {
  readonly partition: number;
  readonly offset: number;
}

/** A record as read back. What it is made of is decoded when asked for, each time. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly leaderEpoch: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly RecordHeader[];
  /** What key, value and headers take, about. */
  readonly bytes: number;
  /**
   * Lets go of the answer that it came in, which it would keep in memory as a whole: for those who
   * keep it for longer than the records beside it.
   */
  detach(): void;
}

/** Writes records. One send in flight, the next collects meanwhile; bounded in bytes. */
export interface LogPublisher {
  /**
   * Stores records of one topic; the answer is in the order of the records, each its place or the
   * error that met it.
   * @throws LogOverloaded when the collected bytes are at their bound (nothing was sent)
   */
  publish(
    topic: string,
    records: readonly OutgoingRecord[],
  ): Promise<readonly (StoredAt | LogError)[]>;
}

/** A slice of a partition, in offset order. Offsets are not dense. */
export interface LogSlice {
  /** Leader epoch of the newest batch passed, whether readers see its records or not; -1: none. */
  readonly leaderEpoch: number;
  readonly records: readonly LogRecord[];
  /** Where to read on; may be past the last record (markers, compaction). */
  readonly nextOffset: number;
  /** First offset after the last readable record at the time of the read. */
  readonly endOffset: number;
  /** First offset that the log still holds. */
  readonly startOffset: number;
}

/**
 * A pull reader of one partition from an offset, with a window bounded in bytes and events. Not
 * pulling is the back-pressure: nothing is fetched beyond the window.
 */
export interface PartitionReader {
  readonly topic: string;
  readonly partition: number;
  /**
   * The next slice; waits at the end of the log until there is one, until `signal` aborts (then
   * rejects with the signal's reason), or at most `maxWaitMs` (then an empty slice).
   * @throws LogOffsetOutOfRange with the log's bounds, when the position is gone or past the end
   * @throws LogTopicGone when the topic was deleted or re-created with another id
   * @throws LogUnavailable when Kafka does not answer; calling again goes on from the same place
   */
  next(options?: { signal?: AbortSignal; maxWaitMs?: number }): Promise<LogSlice>;
  close(): Promise<void>;
}

/** A position in a partition, as callers name it. */
export type OffsetAt = 'earliest' | 'latest' | { readonly timestamp: number };

/** A topic as Kafka knows it. */
export interface TopicDescription {
  readonly name: string;
  /** Kafka's topic id: another one means deleted and made again. */
  readonly id: string;
  readonly partitions: readonly PartitionDescription[];
}

/** One partition with its leader and replicas (broker ids). */
export interface PartitionDescription {
  readonly partition: number;
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

/** Where an epoch of a partition's leader ended. */
export interface EpochEnd {
  readonly leaderEpoch: number;
  /** First offset after the last record of that epoch; of the present epoch: the log's end. */
  readonly endOffset: number;
}

/** Topic administration. */
export interface LogAdmin {
  /** @throws LogTopicExists */
  createTopic(options: {
    readonly name: string;
    readonly partitions?: number;
    readonly replicationFactor?: number;
    readonly configs?: Readonly<Record<string, string>>;
  }): Promise<TopicDescription>;
  deleteTopic(name: string): Promise<void>;
  /** Asks Kafka, not a cache. Undefined when there is no such topic. */
  describeTopic(name: string): Promise<TopicDescription | undefined>;
  listTopics(): Promise<readonly string[]>;
  addPartitions(name: string, total: number): Promise<void>;
  topicConfigs(name: string): Promise<Readonly<Record<string, string>>>;
  setTopicConfigs(name: string, configs: Readonly<Record<string, string>>): Promise<void>;
  /** One offset per partition, by partition number. A time after the last record gives the end. */
  offsets(topic: string, at: OffsetAt): Promise<ReadonlyMap<number, number>>;
  /**
   * First or end offsets of some partitions, in one try; those of which Kafka cannot tell now, as
   * when they have no leader, are left out.
   * @throws LogTopicGone
   * @throws LogUnavailable when it tells nothing of the topic
   */
  knownOffsets(
    topic: string,
    at: 'earliest' | 'latest',
    partitions: readonly number[],
  ): Promise<ReadonlyMap<number, number>>;
  /**
   * Where an epoch of a partition ended, as its leader tells (OffsetForLeaderEpoch): the largest
   * epoch <= the asked one that the log has, and the offset at which it ended; undefined when the
   * log has no such epoch, as when the asked one is newer than all that it knows.
   * @throws LogTopicGone when there is no such partition
   * @throws LogUnavailable
   */
  epochEnd(topic: string, partition: number, leaderEpoch: number): Promise<EpochEnd | undefined>;
}

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A position to be committed: the offset of the next record to be read. */
export interface OffsetToCommit extends TopicPartition {
  readonly offset: number;
  /** Of the last record that was read; left out, Kafka notes none. */
  readonly leaderEpoch?: number;
}

/**
 * What a member of a group is told. Calls come one after the other, never at the same time, and
 * none is made with an empty list. They must not fail; one that does counts as made, and the
 * process warns of it.
 */
export interface PartitionGroupListener {
  /** These partitions are this member's from now on (only the newly added ones). */
  onAssigned(partitions: readonly TopicPartition[]): void;
  /**
   * Planned hand-over: finish or hand back; the group waits for the promise (bounded by the
   * rebalance time-out). Until it resolves the partitions are still this member's, and it may
   * commit. Partitions that stay are not named and not disturbed.
   */
  onRevoked(partitions: readonly TopicPartition[]): Promise<void>;
  /** Membership was lost (fenced, session timed out): others may have them already. */
  onLost(partitions: readonly TopicPartition[]): void;
}

/**
 * One membership in a consumer group, which shares out partitions by Kafka's classic rebalance
 * protocol, cooperatively (KIP-429). It joins in the background, and joins again after a loss,
 * until `leave`.
 */
export interface PartitionGroup {
  /** Replaces the set of topics that is shared out; a rebalance follows if it differs. */
  subscribe(topics: readonly string[]): void;
  /**
   * Monotonic milliseconds (performance.now) at which the last heartbeat or join/sync that was
   * answered well was SENT; undefined while not a member. It goes on during a rebalance.
   */
  readonly lastHeartbeatAt: number | undefined;
  readonly sessionTimeoutMs: number;
  /** What keeps it from joining, or put it out, until it is a member again; for health reports. */
  readonly trouble?: LogError;
  /**
   * Commits next offsets under the current generation; resolves when Kafka accepted them all.
   * @throws LogMembershipLost when this member is not in the group's current generation any more,
   *   or does not hold one of the partitions
   * @throws LogTopicGone when one of the topics was deleted; the others' offsets are stored
   * @throws LogUnavailable
   */
  commit(offsets: readonly OffsetToCommit[]): Promise<void>;
  /** Hands back all partitions (onRevoked), leaves the group at once, and ends. Idempotent. */
  leave(): Promise<void>;
}

/** How to take part in a group. */
export interface JoinGroupOptions {
  readonly groupId: string;
  readonly listener: PartitionGroupListener;
  /** None by default: the member stays out of the group until it has topics. */
  readonly topics?: readonly string[];
  /** After so long without a sign of life Kafka gives the partitions to others; 10 s by default. */
  readonly sessionTimeoutMs?: number;
  /** The longest that the group waits for a member's hand-over; 60 s by default. */
  readonly rebalanceTimeoutMs?: number;
}

/** Kafka's log, as the data plane uses it. */
export interface EventLog {
  readonly publisher: LogPublisher;
  readonly admin: LogAdmin;
  /** Opens a reader; nothing is fetched before the first `next`. */
  read(options: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
    /** Kafka's topic id that the offset belongs to; checked when given. */
    readonly topicId?: string;
    readonly maxBytes?: number;
    readonly maxRecords?: number;
  }): PartitionReader;
  /**
   * Takes part in a consumer group under this process's own membership. Returns at once; joining
   * goes on in the background, with growing pauses while Kafka cannot, until `leave`.
   */
  joinGroup(options: JoinGroupOptions): PartitionGroup;
  /** Whether Kafka answered lately; for /readyz. */
  health(): Promise<{ readonly ok: boolean; readonly detail?: string }>;
  /** Leaves every group, lets the publisher finish, and ends readers and connections. */
  close(): Promise<void>;
}

/** Nest injection token of the process's EventLog. */
export const EVENT_LOG = Symbol('EventLog');
