import type { ProducePart, ProduceResult } from '../protocol/produce.js';

/** What the batcher knows of a topic. */
export interface PublishTopic {
  /** Another id: the topic was made again. */
  readonly id: string;
  /** Leader of each partition by its number; -1: none now. */
  readonly leaders: readonly number[];
  /** A batch of several records stays below this. */
  readonly maxBatchBytes: number;
}

/** Where the batcher learns of topics. */
export interface PublishTopics {
  /** As last seen, at once. */
  cached(name: string): PublishTopic | undefined;
  /**
   * Asks Kafka. Undefined: there is no such topic.
   * @throws LogUnavailable
   */
  load(name: string): Promise<PublishTopic | undefined>;
}

/** How batches reach Kafka. */
export interface ProduceTransport {
  /**
   * Sends batches to their leader; an answer for each.
   * @throws LogUnavailable when it is unknown whether they were stored
   */
  send(
    leader: number,
    parts: readonly ProducePart[],
    timeoutMs: number,
  ): Promise<readonly ProduceResult[]>;
  /**
   * A producer id that no one else has.
   * @throws LogUnavailable
   */
  newProducerId(): Promise<bigint>;
}

/** Bounds of the batcher. */
export interface PublishLimits {
  /** Bytes that are collected or on the wire, over all topics. */
  readonly maxBufferedBytes: number;
  /** Bytes of one request to a broker, over all its partitions. */
  readonly maxRequestBytes: number;
  /** How long one try may last. */
  readonly attemptTimeoutMs: number;
  /** How long a record is tried for; then it fails as perhaps stored. */
  readonly deliveryTimeoutMs: number;
}
