/**
 * `KAFKA_BROKERS=host:port node bench/log-clients/run.mjs`: the measurement behind ADR 1. The same
 * records, acks=all, through kafkajs, @platformatic/kafka's own producer, and Millrace's log over
 * @platformatic/kafka's connections: 500 records a call, one call after the other (with several under
 * way the second fails with OUT_OF_ORDER_SEQUENCE_NUMBER), then one record a call. A few seconds
 * each; read the ratios.
 */
import { Producer } from '@platformatic/kafka';
import { Kafka, Partitioners, logLevel } from 'kafkajs';
import { getReadyToRun } from '../../scripts/ready-to-run.mjs';

const SECONDS = 2;
const BATCH = 500;

await getReadyToRun();
const { KafkaEventLog } = await import('../../dist/kafka/log/kafka-event-log.js');
const brokers = (process.env.KAFKA_BROKERS ?? '127.0.0.1:9092').split(',');
const topic = `bench-clients-${Date.now()}`;
const value = Buffer.alloc(300, 'x');
const keys = Array.from({ length: 1000 }, (_, index) => Buffer.from(`key-${index}`));
const header = Buffer.from('order.created');

const log = new KafkaEventLog({ brokers, ssl: false });

/** Each gives a function that stores `count` records and how to close. */
const clients = {
  async kafkajs() {
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
    const createPartitioner = Partitioners.DefaultPartitioner;
    const producer = kafka.producer({ createPartitioner, idempotent: true });
    await producer.connect();
    const message = (index) => ({ key: keys[index], value, headers: { ce_type: header } });
    return {
      store: (count) => producer.send({ topic, messages: messages(count, message) }),
      close: () => producer.disconnect(),
    };
  },
  async 'platformatic producer'() {
    const producer = new Producer({
      clientId: 'bench',
      bootstrapBrokers: brokers,
      idempotent: true,
    });
    const headers = new Map([[Buffer.from('ce_type'), header]]);
    const message = (index) => ({ topic, key: keys[index], value, headers });
    return {
      store: (count) => producer.send({ messages: messages(count, message) }),
      close: () => producer.close(),
    };
  },
  async "Millrace's log"() {
    const headers = [{ name: 'ce_type', value: header }];
    const message = (index) => ({ key: keys[index], value, headers, partitionBy: keys[index] });
    return {
      store: (count) => log.publisher.publish(topic, messages(count, message)),
      close: async () => undefined,
    };
  },
};

let next = 0;
const messages = (count, make) => Array.from({ length: count }, () => make(next++ % keys.length));

async function repeat(store, count) {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const latencies = [];
  while (performance.now() - began < SECONDS * 1000) {
    const sentAt = performance.now();
    await store(count);
    latencies.push(performance.now() - sentAt);
  }
  const { user, system } = process.cpuUsage(cpu);
  const stored = latencies.length * count;
  latencies.sort((a, b) => a - b);
  return {
    perSecond: Math.round((stored / (performance.now() - began)) * 1000),
    cpu: ((user + system) / stored).toFixed(1),
    p50: latencies[Math.floor(latencies.length / 2)].toFixed(2),
  };
}

await log.admin.createTopic({ name: topic, partitions: 4 });
for (const [name, open] of Object.entries(clients)) {
  const { store, close } = await open();
  await repeat(store, BATCH);
  const bulk = await repeat(store, BATCH);
  const single = await repeat(store, 1);
  process.stdout.write(
    `${name}: ${bulk.perSecond}/s, ${bulk.cpu} µs CPU a record; one at a time p50 ${single.p50} ms\n`,
  );
  await close();
}
await log.admin.deleteTopic(topic);
await log.close();
