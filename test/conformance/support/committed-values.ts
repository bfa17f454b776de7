import { Kafka, logLevel } from 'kafkajs';
import type { BrokerUnderTest } from './broker-under-test.js';
import { unique } from './names.js';

/** What a reader of committed records sees of partition 0, without those of aborted transactions. */
export async function committedValues(broker: BrokerUnderTest, topic: string) {
  const kafka = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: unique('reader'), readUncommitted: false });
  const values: string[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachBatchAutoResolve: true,
    eachMessage: async ({ message }) => void values.push(String(message.value)),
  });
  return { values, consumer };
}
