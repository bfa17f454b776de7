import { Logger } from '@nestjs/common';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { HealthState } from '../../../common/health/health-registry.js';
import { Latch } from '../latch.js';
import { decodeHeaders } from '../wire/headers.js';
import { within } from '../within.js';
import { backOffMs } from './back-off.js';
import type { ConsumedRecord, RecordHandler } from './consumed-record.js';
import { createConsumer } from './create-consumer.js';
import { LaneSet } from './lane-set.js';

const COMMIT_EVERY_MS = 250;
const JOINED_WITHIN_MS = 3_000;
const FINISHED_WITHIN_MS = 15_000;
const LEFT_WITHIN_MS = 3_000;
const SILENT_AFTER_MS = 20_000;

/** What a module's consumer reads, and what it does with it. */
export interface GroupConsumerParts {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topics: readonly string[];
  /** How many records of one partition may be in hand at once. */
  readonly concurrencyOf: (topic: string) => number;
  readonly handle: RecordHandler;
  /** Before each start of the client: creates topics. */
  readonly prepare: () => Promise<void>;
  readonly onStatus: (status: ConsumerStatus) => void;
}

/** States of the consumer, in Nest's words. */
export type ConsumerStatus = 'connected' | 'disconnected' | 'rebalancing' | 'stopped' | 'crashed';

/**
 * A kafkajs consumer that only fetches: records go into lanes at once, so the poll loop, and with it
 * the heartbeat, never waits for a handler. Offsets are committed when records are settled: every
 * quarter of a second, before a rebalance, and at the end. A client that crashed is replaced by a
 * new one, with back-off, for as long as it takes.
 */
export class GroupConsumer {
  private readonly logger: Logger;
  private readonly lanes: LaneSet;
  private consumer: Consumer | undefined;
  private commitTimer: NodeJS.Timeout | undefined;
  private restartTimer: NodeJS.Timeout | undefined;
  private launching: Promise<void> | undefined;
  private failures = 0;
  private stopping = false;
  private problem: string | undefined = 'It has not joined its group yet.';
  private lastSign = 0;
  private readonly joinedOnce = new Latch();

  constructor(private readonly parts: GroupConsumerParts) {
    this.logger = new Logger(`Consumer ${parts.groupId}`);
    this.lanes = new LaneSet(parts.concurrencyOf, parts.handle, () => this.consumer);
  }

  /** Starts, and goes on trying when Kafka is not there. */
  start(): void {
    this.commitTimer = setInterval(() => void this.commit(), COMMIT_EVERY_MS);
    this.launch();
  }

  /** Resolves when the group was joined for the first time, or after `ms`. */
  async joined(ms: number): Promise<void> {
    const late = () => new Error('not joined in time');
    await within(ms, this.joinedOnce.opened, late).catch(() => undefined);
  }

  health(): HealthState {
    if (this.problem !== undefined) return { ok: false, detail: this.problem };
    const silent = performance.now() - this.lastSign > SILENT_AFTER_MS;
    return silent ? { ok: false, detail: 'It has not fetched for a while.' } : { ok: true };
  }

  /**
   * Takes no more records, finishes those in hand, commits, then leaves the group. Each step is
   * bounded: Kafka may be away. What was not committed comes again.
   */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restartTimer);
    clearInterval(this.commitTimer);
    await this.bounded('Joining the group', JOINED_WITHIN_MS, this.launching);
    if (this.problem === undefined) {
      this.consumer?.pause(this.parts.topics.map((topic) => ({ topic })));
    }
    await this.bounded('Finishing records', FINISHED_WITHIN_MS, this.lanes.drain());
    await this.bounded('Committing offsets', LEFT_WITHIN_MS, this.commit());
    await this.bounded('Leaving the group', LEFT_WITHIN_MS, this.consumer?.disconnect());
    this.parts.onStatus('stopped');
  }

  private async bounded(step: string, ms: number, done: Promise<void> | undefined): Promise<void> {
    if (done === undefined) return;
    const late = () => new Error(`not done within ${ms} ms`);
    await within(ms, done, late).catch((error: unknown) => {
      this.logger.warn(`${step}: ${String(error)}`);
    });
  }

  private launch(): void {
    this.launching = this.launchOnce();
  }

  private async launchOnce(): Promise<void> {
    if (this.stopping) return;
    const consumer = createConsumer(this.parts.kafka, this.parts.groupId);
    try {
      await this.parts.prepare();
      this.watch(consumer);
      await consumer.connect();
      await consumer.subscribe({ topics: [...this.parts.topics], fromBeginning: true });
      if (this.stopping) return await consumer.disconnect();
      this.consumer = consumer;
      await consumer.run({
        autoCommit: false,
        partitionsConsumedConcurrently: 1,
        eachBatch: async (payload) => this.take(payload),
      });
    } catch (error) {
      this.crashed(error);
      await consumer.disconnect().catch((failure: unknown) => {
        this.logger.debug(`Not disconnected: ${String(failure)}`);
      });
    }
  }

  private watch(consumer: Consumer): void {
    const { events } = consumer;
    const isCurrent = () => this.consumer === undefined || this.consumer === consumer;
    consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.lanes.assign(payload.memberAssignment);
      this.failures = 0;
      this.problem = undefined;
      this.lastSign = performance.now();
      this.parts.onStatus('connected');
      this.joinedOnce.open();
    });
    consumer.on(events.FETCH, () => void (this.lastSign = performance.now()));
    consumer.on(events.REBALANCING, () => {
      this.parts.onStatus('rebalancing');
      void this.commit();
    });
    consumer.on(events.CRASH, ({ payload }) => {
      if (isCurrent()) this.crashed(payload.error);
    });
  }

  private crashed(error: unknown): void {
    if (this.stopping) return;
    const message = error instanceof Error ? error.message : String(error);
    this.failures += 1;
    this.problem = `It crashed: ${message}`;
    this.consumer = undefined;
    this.parts.onStatus('crashed');
    const waitMs = backOffMs(this.failures);
    this.logger.warn(`Starts again in ${waitMs} ms: ${message}`);
    clearTimeout(this.restartTimer);
    this.restartTimer = setTimeout(() => this.launch(), waitMs);
  }

  private take({ batch, isStale }: EachBatchPayload): void {
    if (this.stopping || isStale()) return;
    const { topic, partition } = batch;
    const records = batch.messages.map((message): ConsumedRecord => ({
      topic,
      partition,
      offset: Number(message.offset),
      timestamp: Number(message.timestamp),
      key: message.key,
      value: message.value,
      rawHeaders: message.headers ?? {},
      headers: decodeHeaders(message.headers),
    }));
    this.lanes.enqueue(topic, partition, records);
  }

  /** Commits what is settled. A failure costs repetitions only; the next round tries again. */
  private async commit(): Promise<void> {
    const pending = this.lanes.uncommitted();
    if (pending.length === 0 || this.consumer === undefined) return;
    try {
      await this.consumer.commitOffsets(
        pending.map(({ topic, partition, offset }) => ({
          topic,
          partition,
          offset: String(offset),
        })),
      );
      for (const { lane, offset } of pending) lane.committed = offset;
    } catch (error) {
      this.logger.debug(`Offsets not committed: ${String(error)}`);
    }
  }
}
