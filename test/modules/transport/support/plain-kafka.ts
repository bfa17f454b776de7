import { Kafka, Partitioners, logLevel, type IHeaders, type KafkaMessage } from 'kafkajs';
import { decodeHeaders } from '../../../../src/kafka/transport/wire/headers.js';

/** What a program that knows nothing of Millrace sends. */
export interface PlainMessage {
  readonly key?: string | null;
  readonly value: string | null;
  readonly headers?: IHeaders;
  readonly partition?: number;
}

/** A record as such a program sees it. */
export interface PlainRecord {
  readonly key: string | undefined;
  readonly value: string | undefined;
  readonly partition: number;
  readonly headers: Readonly<Record<string, string>>;
}

const toPlain = (partition: number, message: KafkaMessage): PlainRecord => ({
  key: message.key?.toString(),
  value: message.value?.toString(),
  partition,
  headers: decodeHeaders(message.headers),
});

/** Another program on the same Kafka, with plain kafkajs. */
export class PlainKafka {
  readonly kafka = new Kafka({
    clientId: 'plain',
    brokers: [process.env['MILLRACE_TEST_KAFKA']!],
    logLevel: logLevel.NOTHING,
  });
  readonly admin = this.kafka.admin();
  private readonly producer = this.kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  });

  async connect(): Promise<this> {
    await this.admin.connect();
    await this.producer.connect();
    return this;
  }

  async close(): Promise<void> {
    await this.producer.disconnect();
    await this.admin.disconnect();
  }

  async send(topic: string, ...messages: PlainMessage[]): Promise<void> {
    await this.producer.send({ topic, messages });
  }

  /** How many records a topic has been given. */
  async count(topic: string): Promise<number> {
    const offsets = await this.admin.fetchTopicOffsets(topic);
    return offsets.reduce((sum, { high }) => sum + Number(high), 0);
  }

  /** The sum of a group's committed offsets of a topic. */
  async committed(groupId: string, topic: string): Promise<number> {
    const [found] = await this.admin.fetchOffsets({ groupId, topics: [topic] });
    return (found?.partitions ?? []).reduce(
      (sum, each) => sum + Math.max(0, Number(each.offset)),
      0,
    );
  }

  /** The first `count` records of a topic, in the order of each partition. */
  async read(topic: string, count: number): Promise<readonly PlainRecord[]> {
    const consumer = this.kafka.consumer({ groupId: `${topic}.reader`, maxWaitTimeInMs: 100 });
    const records: PlainRecord[] = [];
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve) => {
      const take = async ({ partition, message }: { partition: number; message: KafkaMessage }) => {
        records.push(toPlain(partition, message));
        if (records.length === count) resolve();
      };
      void consumer.run({ autoCommit: false, eachMessage: take });
    });
    await consumer.disconnect();
    return records;
  }
}
