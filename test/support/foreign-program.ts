import { randomUUID } from 'node:crypto';

import { Kafka, logLevel, type Consumer, type Producer } from 'kafkajs';

import type {
  Contract,
  EventContract,
  RequestContract,
} from '../../src/kafka/contracts/contract.js';
import { uniqueName } from './client.js';
import { eventually } from './eventually.js';
import type { Installation } from './installation.js';

/** What a command answered. */
export interface CommandReply<Reply> {
  readonly value: Reply | undefined;
  readonly error: { readonly code: string; readonly kind: string } | undefined;
}

interface Message {
  readonly topic: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string | null;
}

/**
 * Another program that knows Millrace's contracts and has nothing but kafkajs: it sends commands
 * with an API key, and listens to domain events.
 */
export class ForeignProgram {
  private readonly messages: Message[] = [];

  private constructor(
    private readonly installation: Installation,
    private readonly producer: Producer,
    private readonly consumer: Consumer,
    private readonly replyTopic: string,
  ) {}

  /** Connects, and listens to replies and to the events named. */
  static async start(
    installation: Installation,
    events: readonly EventContract<unknown>[] = [],
  ): Promise<ForeignProgram> {
    const kafka = new Kafka({
      brokers: [...installation.kafka.brokers],
      logLevel: logLevel.NOTHING,
    });
    const replyTopic = uniqueName('foreign-replies');
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: replyTopic, numPartitions: 1 }] });
    await admin.disconnect();
    const consumer = kafka.consumer({ groupId: replyTopic, maxWaitTimeInMs: 100 });
    const producer = kafka.producer();
    const program = new ForeignProgram(installation, producer, consumer, replyTopic);
    await Promise.all([producer.connect(), consumer.connect()]);
    await consumer.subscribe({
      topics: [replyTopic, ...events.map((event) => program.topicOf(event))],
      fromBeginning: true,
    });
    await consumer.run({
      eachMessage: ({ topic, message }) => {
        const headers = Object.entries(message.headers ?? {});
        program.messages.push({
          topic,
          headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
          value: message.value === null ? null : message.value.toString(),
        });
        return Promise.resolve();
      },
    });
    return program;
  }

  /** Sends a public command and waits for its reply. */
  async command<Request, Reply>(
    contract: RequestContract<Request, Reply>,
    request: Request,
    key: string | null = this.installation.adminKey,
  ): Promise<CommandReply<Reply>> {
    const correlation = randomUUID();
    await this.producer.send({
      topic: this.topicOf(contract),
      messages: [
        {
          value: JSON.stringify(request),
          headers: {
            kafka_correlationId: correlation,
            kafka_replyTopic: this.replyTopic,
            ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          },
        },
      ],
    });
    const isReply = ({ headers }: Message): boolean =>
      headers['kafka_correlationId'] === correlation;
    const reply = await eventually(
      () => this.messages.find(isReply),
      (found) => found !== undefined,
    );
    const error = reply!.headers['kafka_nest-err'];
    return {
      value: reply!.value === null ? undefined : (JSON.parse(reply!.value) as Reply),
      error:
        error === undefined ? undefined : (JSON.parse(error) as { code: string; kind: string }),
    };
  }

  /** Waits for a domain event that satisfies a condition. */
  async event<Payload>(
    contract: EventContract<Payload>,
    wanted: (payload: Payload) => boolean,
  ): Promise<Payload> {
    const find = () =>
      this.messages
        .filter(({ topic }) => topic === this.topicOf(contract))
        .map(({ value }) => JSON.parse(value!) as Payload)
        .find(wanted);
    return (await eventually(find, (found) => found !== undefined))!;
  }

  async stop(): Promise<void> {
    await this.consumer.disconnect();
    await this.producer.disconnect();
  }

  private topicOf({ name }: Contract): string {
    return this.installation.kafka.prefix + name;
  }
}
