import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { HealthState } from '../../../common/health/health-registry.js';
import type { InternalTopics, TopicPurpose } from '../connection/internal-topics.js';
import type { RecordSender } from '../connection/record-sender.js';
import { backOffMs } from '../server/back-off.js';
import { Acknowledgements } from './acknowledgements.js';
import {
  lockOutboxForRelay,
  oldestOfOutbox,
  outboxHasRows,
  removeFromOutbox,
  type OutboxRow,
} from './outbox-store.js';
import { TransportUnavailable } from '../transport.errors.js';
import { within } from '../within.js';
import { cutByBytes, toTopicMessages } from './relay-batch.js';
import { WakeSignal } from './wake-signal.js';

const BATCH_ROWS = 200;
const BATCH_BYTES = 700_000;
/** With the time for sending less than a session of Postgres may be idle in a transaction. */
const ENSURED_WITHIN_MS = 3_000;
const SAFETY_POLL_MS = 1_000;
const STUCK_AFTER_MS = 5_000;

/** What the relay needs around it. */
export interface RelayParts {
  readonly module: string;
  readonly dataSource: DataSource;
  readonly sender: RecordSender;
  readonly topics: InternalTopics;
  readonly purposeOf: (topic: string) => TopicPurpose;
}

/**
 * Sends a schema's outbox to Kafka, in the order of its ids. Sending, and deleting what was
 * acknowledged, happen in one transaction that holds the schema's relay lock: so of all processes
 * only one sends at a time. A relay that stalls loses session and lock after Postgres's idle limit,
 * and with them the right to delete; what it may still have on the wire is a repetition, which
 * inboxes drop, tables ignore by version, and the owner's reconciliation corrects in the topic.
 */
export class OutboxRelay {
  private readonly logger: Logger;
  private readonly acknowledgements = new Acknowledgements();
  private readonly signal = new WakeSignal();
  private running: Promise<void> | undefined;
  private stopping = false;
  private failures = 0;
  private failingSince: number | undefined;
  private lastError = '';

  constructor(private readonly parts: RelayParts) {
    this.logger = new Logger(`Relay ${parts.module}`);
  }

  start(): void {
    this.running ??= this.loop();
  }

  /** Something was committed to the outbox. */
  wake(): void {
    this.signal.wake();
  }

  /** Wakes the relay and waits until Kafka has these rows, at most `timeoutMs`. Never rejects. */
  async acknowledged(ids: readonly string[], timeoutMs: number): Promise<void> {
    const done = this.acknowledgements.waitFor(ids, timeoutMs);
    this.wake();
    await done;
  }

  /** Sends what waits, once more, then stops. What could not be sent stays in the outbox. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.running;
    await this.parts.sender.close();
  }

  /** Not ok after failing for some seconds. */
  health(): HealthState {
    const { failingSince } = this;
    const stuck = failingSince !== undefined && performance.now() - failingSince > STUCK_AFTER_MS;
    return stuck ? { ok: false, detail: `The outbox is stuck: ${this.lastError}` } : { ok: true };
  }

  private async loop(): Promise<void> {
    while (!this.stopping) {
      await this.attempt();
      if (this.stopping) return;
      await this.signal.wait(this.failures === 0 ? SAFETY_POLL_MS : backOffMs(this.failures));
    }
    await this.attempt();
  }

  private async attempt(): Promise<void> {
    try {
      await this.drain();
      if (this.failures > 0) this.logger.log('The outbox is sent again');
      this.failures = 0;
      this.failingSince = undefined;
    } catch (error) {
      this.failed(error);
    }
  }

  private failed(error: unknown): void {
    this.failures += 1;
    this.failingSince ??= performance.now();
    this.lastError = error instanceof Error ? error.message : String(error);
    if (this.failures === 1) this.logger.warn(`The outbox waits: ${this.lastError}`);
  }

  private async drain(): Promise<void> {
    const { manager } = this.parts.dataSource;
    const awaited = this.acknowledgements.awaited;
    if (awaited.length === 0 && !(await outboxHasRows(manager))) return;
    while (await this.relayBatch());
  }

  /** @returns whether more rows may wait */
  private relayBatch(): Promise<boolean> {
    return this.parts.dataSource.transaction(async (manager) => {
      await lockOutboxForRelay(manager);
      const awaited = this.acknowledgements.awaited;
      const found = await oldestOfOutbox(manager, BATCH_ROWS);
      const rows = cutByBytes(found, BATCH_BYTES);
      if (rows.length > 0) await this.send(rows);
      const more = rows.length < found.length || found.length === BATCH_ROWS;
      // Awaited rows were committed before this look; those not seen were sent by another process.
      this.acknowledgements.settle(more ? rows.map(({ id }) => id) : awaited);
      if (rows.length > 0) {
        await removeFromOutbox(
          manager,
          rows.map(({ id }) => id),
        );
      }
      return more;
    });
  }

  private async send(rows: readonly OutboxRow[]): Promise<void> {
    const { topics, sender, purposeOf } = this.parts;
    const needed = new Map(rows.map(({ topic }) => [topic, purposeOf(topic)] as const));
    try {
      await within(ENSURED_WITHIN_MS, topics.ensure(needed), () => {
        return new TransportUnavailable(
          `Kafka did not show its topics in ${ENSURED_WITHIN_MS} ms.`,
        );
      });
      await sender.send(toTopicMessages(rows));
    } catch (error) {
      topics.forget(needed.keys());
      throw error;
    }
  }
}
