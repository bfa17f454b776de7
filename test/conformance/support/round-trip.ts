import type { Kafka } from 'kafkajs';
import { unique } from './names.js';

/** Makes a topic, writes a value to it and reads it, all with these clients; returns the value. */
export async function roundTrip(kafka: Kafka): Promise<string> {
  const topic = unique('round-trip');
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic }], waitForLeaders: true });
  await admin.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ value: 'there and back' }] });
  await producer.disconnect();
  const consumer = kafka.consumer({ groupId: unique('group'), maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const value = await new Promise<string>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer
      .run({ eachMessage: async ({ message }) => resolve(String(message.value)) })
      .catch(reject);
  });
  await consumer.disconnect();
  return value;
}
