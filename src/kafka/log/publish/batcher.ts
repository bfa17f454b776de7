import type { LogPublisher, OutgoingRecord, StoredAt } from '../event-log.js';
import { pauseBeforeAttempt } from '../cluster/retrying.js';
import {
  LogOverloaded,
  LogRequestInvalid,
  LogTopicGone,
  LogUnavailable,
  type LogError,
} from '../log.errors.js';
import { recordSize } from '../protocol/encode-batch.js';
import { Delivery } from './delivery.js';
import { partitionFor } from './murmur2.js';
import { PartitionQueue } from './partition-queue.js';
import type { ProduceTransport, PublishLimits, PublishTopic, PublishTopics } from './ports.js';
import { PublishCall } from './publish-call.js';

/** Bounds that fit one process of a few hundred megabytes. */
export const defaultPublishLimits: PublishLimits = {
  maxBufferedBytes: 64 * 1024 * 1024,
  maxRequestBytes: 8 * 1024 * 1024,
  attemptTimeoutMs: 4_000,
  deliveryTimeoutMs: 7_000,
};

/** A topic that Kafka does not show is looked for this often: brokers learn of new ones late. */
const LOOKS_BEFORE_GONE = 3;

interface WaitingCall {
  readonly call: PublishCall;
  readonly records: readonly OutgoingRecord[];
  readonly sizes: readonly number[];
}

/** The process's publisher: what is handed in while a send is under way makes the next one. */
export class Batcher implements LogPublisher {
  private readonly queues = new Map<string, PartitionQueue[]>();
  /** Calls for topics that Kafka is asked about, in the order of the calls. */
  private readonly unknown = new Map<string, WaitingCall[]>();
  private readonly delivery: Delivery;
  private producerId: bigint | undefined;
  private buffered = 0;
  private closed = false;
  private onEmpty: (() => void) | undefined;

  constructor(
    private readonly topics: PublishTopics,
    private readonly transport: ProduceTransport,
    private readonly limits: PublishLimits = defaultPublishLimits,
  ) {
    this.delivery = new Delivery(topics, transport, limits);
  }

  /** Bytes that wait or are on the wire; for metrics. */
  get bufferedBytes(): number {
    return this.buffered;
  }

  async publish(
    topic: string,
    records: readonly OutgoingRecord[],
  ): Promise<readonly (StoredAt | LogError)[]> {
    if (this.closed) throw new LogUnavailable('The log is closed.');
    if (records.length === 0) return [];
    const sizes = records.map(recordSize);
    this.reserve(sizes);
    return new Promise((resolve) => {
      const call = new PublishCall(records.length, performance.now(), resolve);
      this.accept(topic, { call, records, sizes });
    });
  }

  /** Waits until what was handed in is settled; refuses what comes later. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.buffered === 0) return;
    await new Promise<void>((resolve) => {
      this.onEmpty = resolve;
    });
  }

  private reserve(sizes: readonly number[]): void {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (this.buffered + total > this.limits.maxBufferedBytes) {
      throw new LogOverloaded('More events wait to be stored than fit in memory.', {
        bufferedBytes: this.buffered,
        maxBufferedBytes: this.limits.maxBufferedBytes,
      });
    }
    this.buffered += total;
  }

  private readonly free = (bytes: number): void => {
    this.buffered -= bytes;
    if (this.buffered === 0) this.onEmpty?.();
  };

  private accept(topic: string, waiting: WaitingCall): void {
    const asking = this.unknown.get(topic);
    const known = asking === undefined ? this.topics.cached(topic) : undefined;
    if (known !== undefined && this.producerId !== undefined) {
      this.enqueue(topic, known, this.producerId, waiting);
    } else if (asking === undefined) {
      this.unknown.set(topic, [waiting]);
      void this.learn(topic);
    } else asking.push(waiting);
  }

  private enqueue(
    topic: string,
    known: PublishTopic,
    producerId: bigint,
    { call, records, sizes }: WaitingCall,
  ): void {
    const count = known.leaders.length;
    records.forEach((record, index) => {
      const partition = record.partition ?? partitionFor(record.partitionBy, count);
      if (partition < 0 || partition >= count) {
        this.free(sizes[index] ?? 0);
        call.settle(index, new LogRequestInvalid(`Topic ${topic} has no partition ${partition}.`));
        return;
      }
      const queue = this.queue(topic, partition, known.id, producerId);
      queue.push({ record, size: sizes[index] ?? 0, call, index });
      this.delivery.serve(queue);
    });
  }

  private queue(topic: string, partition: number, id: string, producerId: bigint): PartitionQueue {
    let queues = this.queues.get(topic);
    if (queues === undefined) this.queues.set(topic, (queues = []));
    let queue = queues[partition];
    if (queue === undefined) {
      queue = new PartitionQueue(topic, partition, id, this.free);
      queue.sequence.adopt(producerId);
      queues[partition] = queue;
    }
    return queue;
  }

  /** Learns a topic that was not used yet, then takes the calls that waited for it, in order. */
  private async learn(topic: string): Promise<void> {
    const end = performance.now() + this.limits.deliveryTimeoutMs;
    let missing = 0;
    let failure: unknown;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const known = await this.topics.load(topic);
        this.producerId ??= await this.transport.newProducerId();
        const producerId = this.producerId;
        if (known !== undefined) {
          for (const call of this.leave(topic)) this.enqueue(topic, known, producerId, call);
          return;
        }
        missing += 1;
        if (missing >= LOOKS_BEFORE_GONE) {
          this.failWaiting(topic, new LogTopicGone(`Topic ${topic} is not in Kafka.`));
          return;
        }
      } catch (error) {
        failure = error;
      }
      const pause = pauseBeforeAttempt(attempt);
      if (performance.now() + pause > end) {
        const options = { cause: failure };
        this.failWaiting(topic, new LogUnavailable('Kafka does not answer.', {}, options));
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  private leave(topic: string): readonly WaitingCall[] {
    const waiting = this.unknown.get(topic) ?? [];
    this.unknown.delete(topic);
    return waiting;
  }

  private failWaiting(topic: string, error: LogError): void {
    for (const { call, records, sizes } of this.leave(topic)) {
      records.forEach((_, index) => {
        this.free(sizes[index] ?? 0);
        call.settle(index, error);
      });
    }
  }
}
