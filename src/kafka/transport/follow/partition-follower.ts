import { Logger } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import type { LogRecord, PartitionReader } from '../../log/event-log.js';
import { LogOffsetOutOfRange, LogTopicGone } from '../../log/log.errors.js';
import { Latch } from '../latch.js';
import { backOffMs } from '../server/back-off.js';
import { TransportUnavailable } from '../transport.errors.js';
import type { TopicLog } from './topic-log.js';

/** An empty slice shows that the log answers again. */
const SIGN_OF_LIFE_MS = 2_000;

/** What is followed, from where, and who gets the records. */
export interface FollowOptions {
  readonly topic: string;
  readonly partition: number;
  readonly from: 'earliest' | 'latest';
  /** Synchronous, in offset order. An error is logged and the record passed over. */
  readonly onRecord: (record: LogRecord) => void;
  /**
   * The topic was deleted, made anew or cut: it need no longer hold what was read. It is read again
   * from its beginning.
   */
  readonly onReset?: () => void;
}

interface Waiter {
  readonly offset: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Reads one partition for as long as the process lives, without a group, through all outages. */
export class PartitionFollower {
  private readonly logger = new Logger(PartitionFollower.name);
  private readonly stopping = new AbortController();
  private waiters: Waiter[] = [];
  private position: number | undefined;
  private from: 'earliest' | 'latest';
  private running: Promise<void> | undefined;
  private readonly placed = new Latch();

  /** Why it does not get on, while that is so. */
  problem: string | undefined;

  constructor(
    private readonly log: TopicLog,
    private readonly options: FollowOptions,
  ) {
    this.from = options.from;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves when it is fixed where reading begins: later records cannot be missed. */
  get positioned(): Promise<void> {
    return this.placed.opened;
  }

  /**
   * Resolves when all is read that the partition held when this was called; takes as long as Kafka
   * does not answer.
   * @throws TransportUnavailable when the topic turns out to be cut or made anew, or when stopped
   */
  async caughtUp(): Promise<void> {
    const end = await this.offsetAt('latest');
    if (this.position !== undefined && end < this.position) throw this.readAgain();
    await this.reached(end);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.rejectWaiters();
    this.placed.open();
    await this.running;
  }

  private reached(offset: number): Promise<void> {
    if (this.position !== undefined && this.position >= offset) return Promise.resolve();
    this.stopping.signal.throwIfAborted();
    return new Promise((resolve, reject) => this.waiters.push({ offset, resolve, reject }));
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await this.follow(() => (failures = 0));
      } catch (error) {
        if (signal.aborted) return;
        this.recover(error);
        await pause(backOffMs(failures + 1), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async follow(onProgress: () => void): Promise<void> {
    const { topic, partition } = this.options;
    this.position ??= await this.offsetAt(this.from);
    this.placed.open();
    const reader = this.log.read({ topic, partition, offset: this.position });
    try {
      for (;;) {
        await this.readOn(reader);
        onProgress();
      }
    } finally {
      await reader.close();
    }
  }

  private async readOn(reader: PartitionReader): Promise<void> {
    const slice = await reader.next({ signal: this.stopping.signal, maxWaitMs: SIGN_OF_LIFE_MS });
    this.problem = undefined;
    for (const record of slice.records) this.deliver(record);
    this.position = slice.nextOffset;
    const reached = this.waiters.filter(({ offset }) => offset <= slice.nextOffset);
    if (reached.length === 0) return;
    this.waiters = this.waiters.filter(({ offset }) => offset > slice.nextOffset);
    for (const { resolve } of reached) resolve();
  }

  private deliver(record: LogRecord): void {
    try {
      this.options.onRecord(record);
    } catch (error) {
      const { topic, offset } = record;
      this.logger.warn(`Record ${offset} of ${topic} is passed over: ${String(error)}`);
    }
  }

  /**
   * A log that was cut or made anew is read from its beginning: its offsets say nothing about what
   * was read before, and both states and replies may be read twice.
   */
  private recover(error: unknown): void {
    this.problem = error instanceof Error ? error.message : String(error);
    this.logger.debug(`${this.options.topic}: ${this.problem}`);
    if (!(error instanceof LogTopicGone || error instanceof LogOffsetOutOfRange)) return;
    this.position = undefined;
    this.from = 'earliest';
    this.rejectWaiters();
    this.options.onReset?.();
  }

  private rejectWaiters(): void {
    const rejected = this.waiters;
    this.waiters = [];
    for (const { reject } of rejected) reject(this.readAgain());
  }

  private readAgain(): TransportUnavailable {
    return new TransportUnavailable(`${this.options.topic} has to be read again.`);
  }

  private async offsetAt(at: 'earliest' | 'latest'): Promise<number> {
    const { topic, partition } = this.options;
    return (await this.log.offsets(topic, at)).get(partition) ?? 0;
  }
}
