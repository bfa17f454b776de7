import {
  Consumer,
  MessagesStreamModes,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { brokerUnderTest, type BrokerUnderTest } from './support/broker-under-test.js';
import { unique } from './support/names.js';

let broker: BrokerUnderTest;
let kafka: Kafka;

beforeAll(async () => {
  broker = await brokerUnderTest();
  kafka = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING });
});
afterAll(() => broker.stop());

/** Creates a topic through kafkajs. */
async function createTopic(numPartitions = 1): Promise<string> {
  const topic = unique('clients');
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
  await admin.disconnect();
  return topic;
}

/** Reads so many values of a topic with kafkajs, in the order in which they come. */
async function consumeWithKafkajs(topic: string, count: number): Promise<readonly string[]> {
  const consumer = kafka.consumer({ groupId: unique('group'), maxWaitTimeInMs: 100 });
  const values: string[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer
      .run({
        eachMessage: async ({ message }) => {
          values.push(String(message.value));
          if (values.length === count) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return values;
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `value ${i}`);

describe('kafkajs', () => {
  it.each([
    ['plain', { idempotent: false, compression: CompressionTypes.None }],
    ['idempotent', { idempotent: true, compression: CompressionTypes.None }],
    ['gzip', { idempotent: false, compression: CompressionTypes.GZIP }],
  ])('reads what it wrote, in order: %s', async (_name, { idempotent, compression }) => {
    const topic = await createTopic();
    const producer = kafka.producer({ idempotent });
    await producer.connect();
    for (let i = 0; i < 5; i++) {
      const messages = numbers(100).map((value) => ({ value: `${i} ${value}` }));
      await producer.send({ topic, messages, compression });
    }
    await producer.disconnect();
    const expected = [0, 1, 2, 3, 4].flatMap((i) => numbers(100).map((value) => `${i} ${value}`));
    expect(await consumeWithKafkajs(topic, 500)).toEqual(expected);
  });

  it('makes a topic by writing to it', async () => {
    const topic = unique('auto');
    const producer = kafka.producer({ allowAutoTopicCreation: true });
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'first' }] });
    await producer.disconnect();
    expect(await consumeWithKafkajs(topic, 1)).toEqual(['first']);
  });
});

describe('@platformatic/kafka', () => {
  it('reads what it wrote, in order, and goes on where it committed', async () => {
    const topic = await createTopic();
    const options = { clientId: 'conformance', bootstrapBrokers: broker.brokers };
    const producer = new Producer({ ...options, serializers: stringSerializers, idempotent: true });
    const groupId = unique('group');
    const read = async (count: number): Promise<readonly string[]> => {
      const consumer = new Consumer({
        ...options,
        groupId,
        deserializers: stringDeserializers,
        sessionTimeout: 10_000,
        heartbeatInterval: 500,
        maxWaitTime: 100,
      });
      const stream = await consumer.consume({
        topics: [topic],
        mode: MessagesStreamModes.COMMITTED,
        fallbackMode: 'earliest',
        autocommit: false,
      });
      const values: string[] = [];
      for await (const message of stream) {
        values.push(message.value);
        if (values.length < count) continue;
        await message.commit();
        break;
      }
      await consumer.close(true);
      return values;
    };
    await producer.send({ messages: numbers(50).map((value) => ({ topic, value })) });
    expect(await read(50)).toEqual(numbers(50));
    await producer.send({ messages: [{ topic, value: 'later' }] });
    expect(await read(1)).toEqual(['later']);
    await producer.close();
  });
});

describe('both together', () => {
  it('lets kafkajs read what @platformatic/kafka wrote', async () => {
    const topic = await createTopic();
    const producer = new Producer({
      clientId: 'conformance',
      bootstrapBrokers: broker.brokers,
      serializers: stringSerializers,
    });
    await producer.send({ messages: numbers(10).map((value) => ({ topic, value, key: 'k' })) });
    await producer.close();
    expect(await consumeWithKafkajs(topic, 10)).toEqual(numbers(10));
  });
});
