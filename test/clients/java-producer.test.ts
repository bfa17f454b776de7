import { unique } from '../conformance/support/names.js';
import { Java } from './support/java.js';
import type { JavaClient, JavaConsumer, JavaProducer } from './support/java-clients.js';
import { newTopic, readToEnd } from './support/java-topics.js';

let java: Java;
let admin: JavaClient;
let producer: JavaProducer;

beforeAll(async () => {
  java = Java.start();
  admin = await java.admin();
  producer = await java.producer();
});
afterAll(() => java.stop());

async function allOf(topic: string, partition = 0): Promise<JavaConsumer> {
  const consumer = await readToEnd(await java.consumer(), topic, partition);
  await consumer.close();
  return consumer;
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `value ${i}`);

describe('Java producer', () => {
  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'writes idempotently, compressed with %s, what is read in the same order',
    async (compression) => {
      const topic = await newTopic(admin);
      const config = { 'compression.type': compression, 'linger.ms': 20, 'batch.size': 4_000 };
      const compressing = await java.producer(config);
      const records = numbers(300).map((value) => ({ topic, key: 'same key', value }));
      const written = await compressing.send(...records);
      await compressing.close();
      expect(written.map(({ offset }) => offset)).toEqual(records.map((_, i) => i));
      const { records: read } = await allOf(topic);
      expect(read.map(({ value }) => value)).toEqual(numbers(300));
      expect(read.map(({ offset }) => offset)).toEqual(records.map((_, i) => i));
    },
  );

  it('keeps headers, their order and their doubles, empty and null ones', async () => {
    const topic = await newTopic(admin);
    const headers: [string, string | null][] = [
      ['b', 'first'],
      ['a', ''],
      ['b', 'second'],
      ['nothing', null],
      ['größe', 'Ω'],
    ];
    await producer.send({ topic, key: 'k', value: 'v', headers });
    expect((await allOf(topic)).records[0]!.headers).toEqual(headers);
  });

  it('tells what is not ASCII, whatever the platform’s charset', async () => {
    const topic = await newTopic(admin);
    const elsewhere = Java.start({ LC_ALL: 'C' });
    const sending = await elsewhere.producer();
    await sending.send({ topic, value: 'größe Ω' });
    const reading = await readToEnd(await elsewhere.consumer(), topic, 0);
    await elsewhere.stop();
    expect(reading.values).toEqual(['größe Ω']);
  });

  it('tells null from empty in keys and values', async () => {
    const topic = await newTopic(admin);
    await producer.send(
      { topic, key: null, value: 'no key' },
      { topic, key: 'no value', value: null },
      { topic, key: '', value: '' },
      { topic, key: null, value: null },
    );
    const { records } = await allOf(topic);
    expect(records.map(({ key, value }) => [key, value])).toEqual([
      [null, 'no key'],
      ['no value', null],
      ['', ''],
      [null, null],
    ]);
  });

  it('gets records of 1 MB through, and is refused larger ones than the topic takes', async () => {
    const topic = await newTopic(admin);
    const large = 'x'.repeat(1_000_000);
    const config = { 'max.request.size': 5_000_000, 'compression.type': 'none' };
    const generous = await java.producer(config);
    await generous.sendValues(topic, large, 'between', large);
    const [refused] = await generous.send({ topic, value: 'x'.repeat(1_100_000) });
    expect(refused!.error).toMatchObject({ type: 'RecordTooLargeException' });
    await generous.sendValues(topic, 'after');
    await generous.close();
    expect((await allOf(topic)).values.map((value) => value!.length)).toEqual([
      1_000_000, 7, 1_000_000, 5,
    ]);
  });

  it('chooses partitions by key, by the record, and refuses one that there is not', async () => {
    const topic = await newTopic(admin, { partitions: 4 });
    const places = await Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f'].map(async (key) => {
        const [first, second] = await producer.send({ topic, key }, { topic, key });
        expect(second!.partition).toBe(first!.partition);
        return first!.partition!;
      }),
    );
    expect(new Set(places).size).toBeGreaterThan(1);
    const [chosen] = await producer.send({ topic, key: 'a', partition: 3 });
    expect(chosen!.partition).toBe(3);
    expect(await producer.call('partitionsFor', { topic })).toBe(4);
    const impatient = await java.producer({ 'max.block.ms': 500 });
    const [missing] = await impatient.send({ topic, partition: 4, value: 'lost' });
    expect(missing!.error).toMatchObject({ type: 'TimeoutException' });
  });

  it.each(['0', '1', 'all'])('writes with acks=%s', async (acks) => {
    const topic = await newTopic(admin);
    const config = { acks, 'enable.idempotence': acks === 'all' };
    const acknowledged = await java.producer(config);
    const [first] = await acknowledged.send({ topic, value: 'acknowledged' });
    await acknowledged.close();
    expect(first!.offset).toBe(acks === '0' ? -1 : 0);
    expect((await allOf(topic)).values).toEqual(['acknowledged']);
  });

  it('tells the time of the broker where the topic wants it', async () => {
    const configs = { 'message.timestamp.type': 'LogAppendTime' };
    const topic = await newTopic(admin, { configs });
    const before = Date.now();
    const [written] = await producer.send({ topic, value: 'v', timestamp: 1_000 });
    expect(written!.timestamp).toBeGreaterThanOrEqual(before);
    const [read] = (await allOf(topic)).records;
    expect(read).toMatchObject({
      timestampType: 'LogAppendTime',
      timestamp: written!.timestamp,
    });
  });

  it('is refused records that are older than the topic allows', async () => {
    const configs = { 'message.timestamp.before.max.ms': '3600000' };
    const topic = await newTopic(admin, { configs });
    const [refused] = await producer.send({ topic, value: 'old', timestamp: 1_000 });
    expect(refused!.error).toMatchObject({ type: 'InvalidTimestampException' });
  });

  it('is refused records without a key in a compacted topic', async () => {
    const topic = await newTopic(admin, { configs: { 'cleanup.policy': 'compact' } });
    const [refused, taken] = [
      await producer.send({ topic, value: 'no key' }),
      await producer.send({ topic, key: 'key', value: 'v' }),
    ];
    expect(refused[0]!.error).toMatchObject({ type: 'InvalidRecordException' });
    expect(taken[0]).toMatchObject({ offset: 0 });
  });

  it('makes a topic by writing to it, and is refused a name that is none', async () => {
    const topic = unique('auto');
    await producer.sendValues(topic, 'first');
    expect((await allOf(topic)).values).toEqual(['first']);
    const [refused] = await producer.send({ topic: 'no such/name', value: 'v' });
    expect(refused!.error).toMatchObject({ type: 'InvalidTopicException' });
  });

  it('goes on idempotently while several producers write to one partition', async () => {
    const topic = await newTopic(admin);
    const producers = await Promise.all([1, 2, 3].map(() => java.producer({ 'linger.ms': 0 })));
    await Promise.all(
      producers.map((one, name) =>
        one.sendValues(topic, ...numbers(500).map((value) => `${name} ${value}`)),
      ),
    );
    const { values } = await allOf(topic);
    for (const name of [0, 1, 2]) {
      const own = values.filter((value) => value!.startsWith(`${name} `));
      expect(own).toEqual(numbers(500).map((value) => `${name} ${value}`));
    }
  });
});
