import { Logger } from '@nestjs/common';
import {
  Partitioners,
  type Kafka,
  type Producer,
  type ProducerConfig,
  type TopicMessages,
} from 'kafkajs';
import { TransportUnavailable } from '../transport.errors.js';
import { within } from '../within.js';

/** How a sender's producer behaves; see RecordSender. */
export type SenderKind = 'idempotent' | 'plain';

const configOf: Readonly<Record<SenderKind, ProducerConfig>> = {
  // One in flight: kafkajs numbers batches per producer, and a failed one must not be overtaken.
  idempotent: { idempotent: true, maxInFlightRequests: 1, retry: { retries: 3 } },
  plain: { retry: { retries: 3 } },
};

const SEND_WITHIN_MS = 6_000;

/** Connects at first use, and again after a failure. Sends with acks=all. */
export class RecordSender {
  private readonly logger = new Logger(RecordSender.name);
  private current: Promise<Producer> | undefined;

  constructor(
    private readonly kafka: Kafka,
    private readonly kind: SenderKind,
  ) {}

  /**
   * Resolves when Kafka has stored all records; rejects after 6 s at the latest. After a failure the
   * idempotent producer is thrown away: kafkajs would give the sequence numbers of the failed batch
   * to the next one, and a broker that had stored the first would take the second for its repetition
   * and drop it.
   */
  async send(topicMessages: TopicMessages[]): Promise<void> {
    try {
      const sent = this.producer().then((producer) =>
        producer.sendBatch({ acks: -1, timeout: 4_000, topicMessages }),
      );
      await within(
        SEND_WITHIN_MS,
        sent,
        () => new TransportUnavailable(`Kafka did not acknowledge within ${SEND_WITHIN_MS} ms.`),
      );
    } catch (error) {
      if (this.kind === 'idempotent') this.discard();
      throw error;
    }
  }

  async close(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    const producer = await current?.catch(() => undefined);
    await producer?.disconnect();
  }

  /** Nobody waits for a producer to disconnect that may not even have connected. */
  private discard(): void {
    this.close().catch((error: unknown) => {
      this.logger.debug(`A producer did not disconnect: ${String(error)}`);
    });
  }

  private producer(): Promise<Producer> {
    if (this.current !== undefined) return this.current;
    const connecting = this.connect();
    this.current = connecting;
    connecting.catch(() => {
      if (this.current === connecting) this.current = undefined;
    });
    return connecting;
  }

  private async connect(): Promise<Producer> {
    const producer = this.kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      ...configOf[this.kind],
    });
    await producer.connect();
    return producer;
  }
}
