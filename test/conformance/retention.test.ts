import { encodeBatch } from '../../src/kafka/broker/records/encode-batch.js';
import { batchOf, fetchOne, produce, readAll } from './support/batches.js';
import { isForeign, type BrokerUnderTest } from './support/broker-under-test.js';
import { withOneBroker } from './support/one-broker.js';
import type { RawClient } from './support/raw-client.js';
import { createTopic } from './support/topics.js';

/** Apache Kafka looks for what to delete every five minutes only. */
const embedded = isForeign ? describe.skip : describe;
const SMALL_SEGMENTS = { 'internal.segment.bytes': '2000' };

let broker: BrokerUnderTest;
let client: RawClient;
// Without memory for new records, what is read is what cleaning left on disk.
withOneBroker((started) => ({ broker, client } = started), { tailCacheBytes: 0 });

embedded('retention', () => {
  it('deletes the oldest segments beyond retention.bytes, and moves the start', async () => {
    const configs = { ...SMALL_SEGMENTS, 'retention.bytes': '5000' };
    const topic = await createTopic(client, { configs });
    for (let i = 0; i < 20; i++) await produce(client, topic, batchOf(['x'.repeat(1000)]));
    await broker.clean();
    const { logStartOffset } = await fetchOne(client, topic, { offset: 20 });
    expect(logStartOffset).toBeGreaterThan(10);
    expect((await fetchOne(client, topic, { offset: 0 })).errorCode).toBe(1);
    expect(await readAll(client, topic, logStartOffset)).toHaveLength(20 - logStartOffset);
  });

  it('deletes what is older than retention.ms', async () => {
    const configs = { ...SMALL_SEGMENTS, 'retention.ms': '60000' };
    const topic = await createTopic(client, { configs });
    const timestamp = Date.now() - 120_000;
    const value = Buffer.from('x'.repeat(1500));
    for (let i = 0; i < 5; i++) {
      await produce(client, topic, encodeBatch([{ key: null, value, timestamp }]));
    }
    await produce(client, topic, batchOf(['new'.repeat(600)]));
    await broker.clean();
    const { logStartOffset } = await fetchOne(client, topic, { offset: 6 });
    expect(logStartOffset).toBe(5);
  });
});

embedded('compaction', () => {
  it('keeps the newest record of each key, at its offset', async () => {
    const configs = {
      ...SMALL_SEGMENTS,
      'cleanup.policy': 'compact',
      'min.cleanable.dirty.ratio': '0',
    };
    const topic = await createTopic(client, { configs });
    const put = (key: string, value: string): Promise<unknown> =>
      produce(
        client,
        topic,
        encodeBatch([{ key: Buffer.from(key), value: Buffer.from(value), timestamp: Date.now() }]),
      );
    for (let i = 0; i < 30; i++) await put(`key ${i % 3}`, `${i} `.padEnd(200, '.'));
    await put('last', 'x'.repeat(2000));
    await broker.clean();
    const values = await readAll(client, topic);
    const kept = values.map((value) => value.split(' ')[0]);
    expect(kept).toEqual(expect.arrayContaining(['27', '28', '29']));
    expect(kept).not.toContain('0');
  });
});
