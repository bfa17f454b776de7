import { batchOf, fetchAll, fetchBody, FETCH, fetchOne, produce } from './support/batches.js';
import type { BrokerUnderTest } from './support/broker-under-test.js';
import { unique } from './support/names.js';
import { withOneBroker } from './support/one-broker.js';
import { RawClient } from './support/raw-client.js';
import { createTopic } from './support/topics.js';

const OFFSET_OUT_OF_RANGE = 1;
const UNKNOWN_TOPIC_OR_PARTITION = 3;

let broker: BrokerUnderTest;
let client: RawClient;
withOneBroker((started) => ({ broker, client } = started));

describe('a fetch', () => {
  it('waits for a record, and answers as soon as it is there', async () => {
    const topic = await createTopic(client);
    const reader = await RawClient.open(broker);
    const began = performance.now();
    const fetched = fetchOne(reader, topic, { maxWaitMs: 20_000 });
    await produce(client, topic, batchOf(['awaited']));
    expect((await fetched).values).toEqual(['awaited']);
    expect(performance.now() - began).toBeLessThan(10_000);
    reader.close();
  });

  it('answers with nothing when its time is up', async () => {
    const topic = await createTopic(client);
    const began = performance.now();
    const answer = await fetchOne(client, topic, { maxWaitMs: 300 });
    expect(answer).toMatchObject({ errorCode: 0, highWatermark: 0, values: [] });
    expect(performance.now() - began).toBeGreaterThan(250);
  });

  it('waits until minBytes are there', async () => {
    const topic = await createTopic(client);
    const reader = await RawClient.open(broker);
    const fetched = fetchOne(reader, topic, { maxWaitMs: 20_000, minBytes: 3000 });
    await produce(client, topic, batchOf(['a'.repeat(1000)]));
    await produce(client, topic, batchOf(['b'.repeat(1000)]));
    await produce(client, topic, batchOf(['c'.repeat(1000)]));
    expect((await fetched).values).toHaveLength(3);
    reader.close();
  });

  it('waits for no more than it may be given', async () => {
    const topic = await createTopic(client);
    const batch = batchOf(['x'.repeat(1000)]);
    await produce(client, topic, batch);
    const limits = { minBytes: 1_000_000, maxBytes: batch.length };
    const answer = await fetchOne(client, topic, { maxWaitMs: 600_000, ...limits });
    expect(answer.values).toHaveLength(1);
  });

  it('returns the first batch whole, however little was asked for', async () => {
    const topic = await createTopic(client);
    await produce(client, topic, batchOf(['x'.repeat(50_000), 'y']));
    const answer = await fetchOne(client, topic, { maxBytes: 100, partitionMaxBytes: 100 });
    expect(answer.values).toEqual(['x'.repeat(50_000), 'y']);
  });

  it('returns a second partition only within the bytes that are left', async () => {
    const topic = await createTopic(client, { partitions: 2 });
    const large = batchOf(['x'.repeat(5000)]);
    await produce(client, topic, large);
    const answers = await fetchAll(client, topic, { maxBytes: 100, partitions: [0, 1] });
    const bytes = answers.map(({ records }) => Buffer.concat(records ?? []).length);
    expect(bytes[0]).toBe(large.length);
    expect(bytes[1] ?? 0).toBe(0);
  });

  it('returns whole batches up to the partition’s limit', async () => {
    const topic = await createTopic(client);
    const batch = batchOf(['x'.repeat(1000)]);
    for (let i = 0; i < 4; i++) await produce(client, topic, batchOf(['x'.repeat(1000)]));
    const answer = await fetchOne(client, topic, { partitionMaxBytes: batch.length * 2 });
    expect(answer.values).toHaveLength(2);
    const second = await fetchOne(client, topic, { offset: 3 });
    expect(second.values).toHaveLength(1);
  });

  it('returns the batch that contains an offset in its middle', async () => {
    const topic = await createTopic(client);
    await produce(client, topic, batchOf(['a', 'b', 'c']));
    expect((await fetchOne(client, topic, { offset: 1 })).values).toEqual(['a', 'b', 'c']);
  });

  it('refuses offsets past the end and before the start, and takes the end itself', async () => {
    const topic = await createTopic(client);
    await produce(client, topic, batchOf(['a', 'b']));
    const at = async (offset: number): Promise<number> =>
      (await fetchOne(client, topic, { offset })).errorCode;
    expect(await at(3)).toBe(OFFSET_OUT_OF_RANGE);
    expect(await at(-5)).toBe(OFFSET_OUT_OF_RANGE);
    expect(await at(2)).toBe(0);
  });

  it('knows neither other topics nor other partitions', async () => {
    const topic = await createTopic(client);
    const unknown = await fetchOne(client, unique('nowhere'), { maxWaitMs: 10_000 });
    expect(unknown.errorCode).toBe(UNKNOWN_TOPIC_OR_PARTITION);
    const [other] = await fetchAll(client, topic, { partitions: [7] });
    expect(other!.errorCode).toBe(UNKNOWN_TOPIC_OR_PARTITION);
  });

  it('does not survive its client', async () => {
    const topic = await createTopic(client);
    const leaving = await RawClient.open(broker);
    leaving.send(FETCH, 11, fetchBody(topic, { maxWaitMs: 20_000 }));
    leaving.close();
    await leaving.closed;
    await produce(client, topic, batchOf(['a']));
    expect((await fetchOne(client, topic)).values).toEqual(['a']);
  });
});
