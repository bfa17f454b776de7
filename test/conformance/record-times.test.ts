import { renewChecksum } from '../../src/kafka/broker/records/batches.js';
import { encodeBatch } from '../../src/kafka/broker/records/encode-batch.js';
import { batchOf, produce, readAll } from './support/batches.js';
import { offsetAt } from './support/offsets.js';
import { withOneBroker } from './support/one-broker.js';
import type { RawClient } from './support/raw-client.js';
import { createTopic } from './support/topics.js';

const LARGEST_TIME = -3;
const INVALID_TIMESTAMP = 32;
const HOUR = 3_600_000;
const LARGEST_LONG = 2n ** 63n - 1n;

let client: RawClient;
withOneBroker((started) => ({ client } = started));

const batchAt = (timestamp: number): Buffer =>
  encodeBatch([{ key: null, value: Buffer.from('timed'), timestamp }]);

describe('times of records', () => {
  it('may lie an hour after the broker, unless the topic says otherwise', async () => {
    const topic = await createTopic(client);
    const refused = await produce(client, topic, batchAt(Date.now() + 2 * HOUR));
    expect(refused.errorCode).toBe(INVALID_TIMESTAMP);
    expect(await produce(client, topic, batchAt(Date.now() + HOUR / 2))).toMatchObject({
      errorCode: 0,
      baseOffset: 0,
    });
    const wide = await createTopic(client, {
      configs: { 'message.timestamp.after.max.ms': `${3 * HOUR}` },
    });
    expect((await produce(client, wide, batchAt(Date.now() + 2 * HOUR))).errorCode).toBe(0);
  });

  it('may lie as long before the broker as they like, unless the topic says otherwise', async () => {
    const topic = await createTopic(client);
    expect((await produce(client, topic, batchAt(0))).errorCode).toBe(0);
    const narrow = await createTopic(client, {
      configs: { 'message.timestamp.before.max.ms': `${HOUR}` },
    });
    const refused = await produce(client, narrow, batchAt(Date.now() - 2 * HOUR));
    expect(refused.errorCode).toBe(INVALID_TIMESTAMP);
    expect((await produce(client, narrow, batchAt(Date.now()))).errorCode).toBe(0);
  });

  it('may be the largest there is where the topic lets them, and stop nothing', async () => {
    const topic = await createTopic(client, {
      configs: { 'message.timestamp.after.max.ms': `${LARGEST_LONG}` },
    });
    const last = batchOf(['last of all']);
    for (const field of [27, 35]) last.writeBigInt64BE(LARGEST_LONG, field);
    renewChecksum(last);
    const batches = [last, ...['a', 'b', 'c'].map((text) => batchOf([text.repeat(5_000)]))];
    for (const batch of batches) expect((await produce(client, topic, batch)).errorCode).toBe(0);
    expect(await readAll(client, topic)).toHaveLength(4);
    const found = await offsetAt(client, topic, { timestamp: LARGEST_TIME });
    expect(found).toMatchObject({
      errorCode: 0,
      offset: 0,
      timestamp: Number(LARGEST_LONG),
    });
  });
});
