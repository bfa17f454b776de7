import { setTimeout as pause } from 'node:timers/promises';
import type { HealthState } from '../../../common/health/health-registry.js';
import type { LogRecord } from '../../log/event-log.js';
import type { InternalTopics } from '../connection/internal-topics.js';
import { PartitionFollower } from '../follow/partition-follower.js';
import type { TopicLog } from '../follow/topic-log.js';
import { backOffMs } from '../server/back-off.js';
import { RemoteError } from '../transport.errors.js';
import { headerNames } from '../wire/header-names.js';
import { textHeaders } from '../wire/headers.js';
import { parseErrorOnWire } from '../wire/wire-error.js';

interface Expected {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Receives replies and gives each to the request that it answers. */
export class ReplyInbox {
  private readonly expected = new Map<string, Expected>();
  private readonly stopping = new AbortController();
  private readonly follower: PartitionFollower;
  private ready: Promise<void> | undefined;
  private isListening = false;

  constructor(
    private readonly topic: string,
    log: TopicLog,
    private readonly topics: InternalTopics,
  ) {
    this.follower = new PartitionFollower(log, {
      topic,
      partition: 0,
      from: 'latest',
      onRecord: (record) => this.take(record),
      onReset: () => void topics.remake(topic, 'replies'),
    });
  }

  start(): void {
    this.ready ??= this.begin();
  }

  /** Resolves when replies to requests sent from now on cannot be missed. */
  async listening(): Promise<void> {
    this.start();
    await this.ready;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.ready;
    await this.follower.stop();
  }

  health(): HealthState {
    if (!this.isListening) return { ok: false, detail: 'Replies cannot be received yet.' };
    const { problem } = this.follower;
    return problem === undefined ? { ok: true } : { ok: false, detail: problem };
  }

  /** The reply of this correlation id; rejects with `timedOut()` at the deadline (Unix ms). */
  expect(correlationId: string, deadline: number, timedOut: () => Error): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(timedOut()), deadline - Date.now());
      this.expected.set(correlationId, { resolve, reject, timer });
    });
  }

  forget(correlationId: string): void {
    clearTimeout(this.expected.get(correlationId)?.timer);
    this.expected.delete(correlationId);
  }

  private async begin(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await this.topics.ensure(new Map([[this.topic, 'replies']]));
        this.follower.start();
        await this.follower.positioned;
        this.isListening = true;
        return;
      } catch {
        // Kafka is not there; /readyz says so.
        await pause(backOffMs(failures), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private take({ value, headers }: LogRecord): void {
    const text = textHeaders(headers);
    const waiting = this.expected.get(text[headerNames.correlationId] ?? '');
    if (waiting === undefined) return;
    const error = text[headerNames.error];
    if (error !== undefined) waiting.reject(new RemoteError(parseErrorOnWire(error)));
    else waiting.resolve(value === null ? undefined : JSON.parse(value.toString('utf8')));
  }
}
