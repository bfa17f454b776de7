import { unique } from '../conformance/support/names.js';
import { eventually } from '../support/eventually.js';
import { brokerAddress } from './support/broker.js';
import { done, librdkafka, type RdMetadata, type RdMessage } from './support/librdkafka.js';
import { RdAdmin } from './support/rd-admin.js';
import { RdConsumer } from './support/rd-consumer.js';
import { RdProducer } from './support/rd-producer.js';

let admin: RdAdmin;
let producer: RdProducer;

beforeAll(async () => {
  admin = new RdAdmin();
  producer = await RdProducer.open({ 'enable.idempotence': true });
});
afterAll(async () => {
  admin.close();
  await producer.close();
});

/** So many messages of partition 0, from the start. */
async function read(topic: string, count: number, config = {}): Promise<readonly RdMessage[]> {
  const consumer = await RdConsumer.open(config);
  consumer.assign({ topic, partition: 0, offset: 0 }).start();
  await eventually(
    () => consumer.messages.length,
    (length) => length >= count,
  );
  await consumer.close();
  return consumer.messages;
}

const values = (messages: readonly RdMessage[]): readonly string[] =>
  messages.map(({ value }) => String(value));
const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `value ${i}`);
/** What this build can compress with, next to nothing. */
const codecs = ['gzip', 'snappy', 'lz4', 'zstd'].filter((codec) =>
  librdkafka().features.includes(codec),
);

describe('librdkafka producer', () => {
  it.each(['none', ...codecs])('writes idempotently, compressed with %s', async (codec) => {
    const topic = await admin.newTopic();
    const config = { 'compression.codec': codec, 'enable.idempotence': true };
    const compressing = await RdProducer.open(config);
    await compressing.send(topic, ...numbers(500));
    expect(compressing.reports.filter(({ error }) => error)).toEqual([]);
    expect(compressing.reports.map(({ offset }) => offset)).toEqual(numbers(500).map((_, i) => i));
    await compressing.close();
    expect(values(await read(topic, 500))).toEqual(numbers(500));
  });

  it('keeps keys, headers and times, and tells null from empty', async () => {
    const topic = await admin.newTopic();
    const timestamp = Date.now() - 5_000;
    const headers = [{ a: '1' }, { b: '2' }, { a: '3' }];
    producer.produce(topic, { key: 'k', value: 'v', timestamp, headers });
    producer.produce(topic, { key: 'gone', value: null });
    producer.produce(topic, { value: '' });
    await producer.flush();
    const [first, second, third] = await read(topic, 3);
    expect(first).toMatchObject({ timestamp, offset: 0 });
    expect(String(first!.key)).toBe('k');
    expect(first!.headers!.map((header) => Object.entries(header).map(String))).toEqual([
      ['a,1'],
      ['b,2'],
      ['a,3'],
    ]);
    expect(second!.value).toBeNull();
    expect(String(third!.value ?? '')).toBe('');
    expect(third!.key ?? null).toBeNull();
  });

  it.each(['0', '1', 'all'])('writes with acks=%s', async (acks) => {
    const topic = await admin.newTopic();
    const acknowledged = await RdProducer.open({ acks });
    await acknowledged.send(topic, 'acknowledged');
    await acknowledged.close();
    expect(values(await read(topic, 1))).toEqual(['acknowledged']);
  });

  it('is told about records that are too large', async () => {
    const topic = await admin.newTopic(1, { 'max.message.bytes': '1000' });
    const refused = await RdProducer.open();
    await refused.send(topic, 'x'.repeat(2_000));
    await refused.send(topic, 'small');
    expect(refused.reports.map(({ error }) => error?.message)).toEqual([
      'message size too large',
      undefined,
    ]);
    await refused.close();
  });

  it('makes a topic by writing to it', async () => {
    const topic = unique('auto');
    await producer.send(topic, 'first');
    expect(values(await read(topic, 1))).toEqual(['first']);
  });

  it('gets 200,000 records through, none lost, none doubled, in order', async () => {
    const count = 200_000;
    const topic = await admin.newTopic(4);
    const fast = await RdProducer.open({
      'enable.idempotence': true,
      'compression.codec': 'lz4',
      'queue.buffering.max.messages': count,
    });
    for (let i = 0; i < count; i++) fast.produce(topic, { value: `${i}`, partition: i % 4 });
    await fast.flush();
    expect(fast.reports.filter(({ error }) => error)).toEqual([]);
    await fast.close();
    const consumer = await RdConsumer.open();
    consumer.assign(...[0, 1, 2, 3].map((partition) => ({ topic, partition, offset: 0 }))).start();
    await eventually(
      () => consumer.messages.length,
      (length) => length >= count,
    );
    await consumer.close();
    expect(consumer.messages).toHaveLength(count);
    for (const partition of [0, 1, 2, 3]) {
      const own = consumer.messages.filter((message) => message.partition === partition);
      const outOfOrder = own.findIndex(({ value }, i) => Number(value) !== i * 4 + partition);
      expect(outOfOrder).toBe(-1);
    }
  });
});

describe('librdkafka consumer', () => {
  it('finds offsets by time and by the ends of a partition', async () => {
    const topic = await admin.newTopic();
    const start = Date.now() - 10_000;
    const batching = await RdProducer.open({ 'compression.codec': 'gzip', 'linger.ms': 50 });
    for (let i = 0; i < 10; i++) {
      batching.produce(topic, { value: `${i}`, timestamp: start + i * 10 });
    }
    await batching.flush();
    await batching.close();
    const consumer = await RdConsumer.open();
    const at = async (time: number): Promise<number> => {
      const times = [{ topic, partition: 0, offset: time }];
      const [found] = await done<readonly { readonly offset: number }[]>((cb) =>
        consumer.native.offsetsForTimes(times, 10_000, cb),
      );
      return found!.offset;
    };
    expect(await at(start - 5)).toBe(0);
    expect(await at(start + 41)).toBe(5);
    expect(await at(start + 90)).toBe(9);
    // librdkafka stands for the end where Kafka has no such offset.
    expect(await at(start + 91)).toBe(-1);
    const ends = await done<object>((cb) =>
      consumer.native.queryWatermarkOffsets(topic, 0, 10_000, cb),
    );
    expect(ends).toMatchObject({ lowOffset: 0, highOffset: 10 });
    await consumer.close();
  });

  it('commits, and finds what it committed', async () => {
    const topic = await admin.newTopic();
    const config = { 'group.id': unique('group') };
    const consumer = await RdConsumer.open(config);
    consumer.native.commitSync([{ topic, partition: 0, offset: 7 }]);
    await consumer.close();
    const other = await RdConsumer.open(config);
    const [committed] = await done<readonly { readonly offset: number }[]>((cb) =>
      other.native.committed([{ topic, partition: 0 }], 10_000, cb),
    );
    expect(committed!.offset).toBe(7);
    await other.close();
  });

  it('pauses, resumes and seeks', async () => {
    const topic = await admin.newTopic();
    const consumer = await RdConsumer.open();
    const place = { topic, partition: 0 };
    consumer.assign({ ...place, offset: 0 }).start();
    await producer.send(topic, '1');
    await eventually(
      () => consumer.values,
      ({ length }) => length === 1,
    );
    consumer.native.pause([place]);
    await producer.send(topic, '2');
    // What comes after shows that the paused one was left alone meanwhile.
    expect(values(await read(topic, 2))).toEqual(['1', '2']);
    expect(consumer.values).toEqual(['1']);
    consumer.native.resume([place]);
    await eventually(
      () => consumer.values,
      ({ length }) => length === 2,
    );
    await done((cb) => consumer.native.seek({ ...place, offset: 0 }, 10_000, cb));
    await eventually(
      () => consumer.values,
      ({ length }) => length === 4,
    );
    expect(consumer.values).toEqual(['1', '2', '1', '2']);
    await consumer.close();
  });
});

describe('librdkafka admin client', () => {
  it('creates, extends and deletes a topic, as its metadata shows', async () => {
    const topic = await admin.newTopic(2);
    const metadata = (): Promise<RdMetadata> =>
      done((cb) => producer.native.getMetadata({ topic, timeout: 10_000 }, cb));
    const partitions = async (): Promise<number> => {
      const { topics } = await metadata();
      return topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
    };
    expect(await partitions()).toBe(2);
    const [host, port] = brokerAddress().split(':');
    expect((await metadata()).brokers).toMatchObject([{ host, port: Number(port) }]);
    await admin.extend(topic, 5);
    await eventually(partitions, (count) => count === 5);
    await admin.delete(topic);
    await expect(admin.delete(topic)).rejects.toMatchObject({ code: 3 });
  });

  it('is refused what is there already, and what makes no sense', async () => {
    const topic = await admin.newTopic();
    const wanted = { topic, num_partitions: 1, replication_factor: 1 };
    await expect(admin.create(wanted)).rejects.toMatchObject({ code: 36 });
    const other = { ...wanted, topic: unique('topic') };
    await expect(admin.create({ ...other, replication_factor: 2 })).rejects.toMatchObject({
      code: 38,
    });
    await expect(admin.create({ ...other, config: { nosuch: '1' } })).rejects.toMatchObject({
      code: 40,
    });
    await expect(admin.extend(topic, 1)).rejects.toMatchObject({ code: 37 });
  });
});
