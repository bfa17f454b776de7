/** kafkajs as load, in a process of its own. */
import { Kafka, logLevel } from 'kafkajs';
import { answerCalls } from '../support/worker.mjs';
import { monotonicMs } from '../support/monotonic.mjs';

const value = 'x'.repeat(300);
const kafkaAt = (address) => new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });
const perSecond = (count, sinceMs) => (count / (monotonicMs() - sinceMs)) * 1000;

/** Records a second, in requests of a thousand of which four are under way. */
async function produce({ address, topic, records }) {
  const producer = kafkaAt(address).producer({ maxInFlightRequests: 4 });
  await producer.connect();
  const messages = Array.from({ length: 1_000 }, () => ({ value }));
  await producer.send({ topic, messages: messages.slice(0, 1) });
  const requests = Array.from({ length: records / 1_000 }).values();
  const since = monotonicMs();
  const work = async () => {
    for (const _ of requests) await producer.send({ topic, messages, acks: -1 });
  };
  await Promise.all(Array.from({ length: 4 }, work));
  const rate = perSecond(records, since);
  await producer.disconnect();
  return rate;
}

/** Records a second from the first batch on. */
async function consume({ address, topic, records }) {
  const consumer = kafkaAt(address).consumer({
    groupId: `bench-${Date.now()}`,
    maxWaitTimeInMs: 500,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let since;
  let count = 0;
  const rate = await new Promise((resolve) => {
    void consumer.run({
      eachBatch: async ({ batch }) => {
        since ??= monotonicMs();
        count += batch.messages.length;
        if (count >= records) resolve(perSecond(count, since));
      },
    });
  });
  await consumer.disconnect();
  return rate;
}

/** Milliseconds from before a send to the arrival at a consumer, 100 records a second. */
async function latency({ address, topic, records }) {
  const kafka = kafkaAt(address);
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: `bench-${Date.now()}` });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const taken = [];
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  void consumer.run({
    eachMessage: async ({ message }) => {
      taken.push(monotonicMs() - Number(message.value));
    },
  });
  await joined;
  for (let sent = 0; sent < records; sent += 1) {
    await producer.send({ topic, messages: [{ value: String(monotonicMs()) }] });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  while (taken.length < records) await new Promise((resolve) => setTimeout(resolve, 20));
  await Promise.all([producer.disconnect(), consumer.disconnect()]);
  // The first ones make connections.
  return taken.slice(records / 10);
}

answerCalls({ produce, consume, latency });
