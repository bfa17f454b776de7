/**
 * The data plane's port: what Millrace needs of Kafka for event topics, without a consumer group.
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

/** A record as read back. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly leaderEpoch: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly RecordHeader[];
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
  /** Whether Kafka answered lately; for /readyz. */
  health(): Promise<{ readonly ok: boolean; readonly detail?: string }>;
  close(): Promise<void>;
}

/** Nest injection token of the process's EventLog. */
export const EVENT_LOG = Symbol('EventLog');
