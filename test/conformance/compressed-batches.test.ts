import { assembleBatch } from '../../src/kafka/broker/records/encode-batch.js';
import { VarintWriter } from '../../src/kafka/broker/records/varint.js';
import { batchOf, PRODUCE, produce, produceBody } from './support/batches.js';
import { isForeign, type BrokerUnderTest } from './support/broker-under-test.js';
import { offsetAt } from './support/offsets.js';
import { withOneBroker } from './support/one-broker.js';
import { RawClient } from './support/raw-client.js';
import { createTopic } from './support/topics.js';

/** Kafka opens batches in many threads, and as far as they go. */
const embedded = isForeign ? describe.skip : describe;

const GZIP = 1;
const API_VERSIONS = 18;
const ERROR = { CORRUPT_MESSAGE: 2, INVALID_RECORD: 87 } as const;

/** A small batch that grows to 60 MiB when it is opened, and has no key. */
const bomb = batchOf(['x'.repeat(60 * 1024 * 1024)], { codec: GZIP });

/** A few KiB that stand for one record with 30 million headers, each without a name and a value. */
function manyHeaders(): Buffer {
  const writer = new VarintWriter();
  // Attributes, time, offset, no key and no value.
  writer.raw(Buffer.from([0, 0, 0, 1, 1]));
  writer.varint(30_000_000);
  writer.raw(Buffer.alloc(60_000_000, Buffer.from([0, 1])));
  const record = new VarintWriter();
  record.nullableBytes(writer.finish());
  const header = { lastOffsetDelta: 0, baseTimestamp: 7, maxTimestamp: 7, recordCount: 1 };
  return assembleBatch(record.finish(), { ...header, attributes: GZIP });
}

embedded('batches that grow when they are opened', () => {
  let broker: BrokerUnderTest;
  let client: RawClient;
  withOneBroker((started) => ({ broker, client } = started));

  it('are opened only so far, all of one request together', async () => {
    const configs = { 'cleanup.policy': 'compact' };
    const topic = await createTopic(client, { partitions: 6, configs });
    const partitionData = Array.from({ length: 6 }, (_, index) => ({ index, records: bomb }));
    const body = { ...produceBody(topic, bomb), topicData: [{ name: topic, partitionData }] };
    const { responses } = await client.request<{
      responses: ReadonlyArray<{ partitionResponses: ReadonlyArray<{ errorCode: number }> }>;
    }>(PRODUCE, 7, body);
    const codes = responses[0]!.partitionResponses.map(({ errorCode }) => errorCode);
    const opened = codes.filter((code) => code === ERROR.INVALID_RECORD);
    expect(opened).toHaveLength(4);
    expect(codes.slice(4)).toEqual([ERROR.CORRUPT_MESSAGE, ERROR.CORRUPT_MESSAGE]);
  });

  it('are looked into for a time, whatever is in their records', async () => {
    const topic = await createTopic(client);
    expect((await produce(client, topic, manyHeaders())).errorCode).toBe(0);
    const found = await offsetAt(client, topic, { timestamp: 5 });
    expect(found).toMatchObject({ errorCode: 0, offset: 0, timestamp: 7 });
  });

  it('leave others their turns between one request and the next', async () => {
    const topic = await createTopic(client, { configs: { 'cleanup.policy': 'compact' } });
    const other = await RawClient.open(broker);
    const order: string[] = [];
    // Together in one piece of the network's: they are short.
    client.socket.cork();
    for (let count = 0; count < 8; count++) client.send(PRODUCE, 7, produceBody(topic, bomb));
    client.socket.uncork();
    await client.nextFrame();
    const answered = other.request(API_VERSIONS, 0, {}).then(() => order.push('other'));
    for (let count = 1; count < 8; count++) await client.nextFrame();
    order.push('last');
    await answered;
    expect(order).toEqual(['other', 'last']);
    other.close();
  });
});
