import { Kafka, CompressionTypes, logLevel } from 'kafkajs';

import { LogOffsetOutOfRange } from '../../../src/kafka/log/log.errors.js';
import {
  freshTopic,
  openLog,
  readAll,
  record,
  take,
  testKafka,
  valuesOf,
} from './support/log-harness.js';

describe('reading without a group', () => {
  const log = openLog();
  const topic = freshTopic('reading');

  beforeAll(async () => {
    await log.admin.createTopic({ name: topic, partitions: 2 });
    const records = Array.from({ length: 100 }, (_, i) => record(`${i}`, { partition: 0 }));
    await log.publisher.publish(topic, records);
  });

  afterAll(async () => {
    await log.admin.deleteTopic(topic);
    await log.close();
  });

  it('gives back records with keys, headers and offsets, in order', async () => {
    const records = await readAll(log, { topic, partition: 0 });
    expect(records.map(({ offset }) => offset)).toEqual(records.map((_, index) => index));
    expect(records[7]).toMatchObject({ topic, partition: 0, offset: 7, key: null });
    expect(records[7]?.headers).toEqual([{ name: 'n', value: Buffer.from('7') }]);
    expect(Math.abs(Date.now() - (records[7]?.timestamp ?? 0))).toBeLessThan(120_000);
  });

  it('keeps each slice inside the reader’s window', async () => {
    const reader = log.read({ topic, partition: 0, offset: 40, maxRecords: 7 });
    const first = await reader.next();
    expect(valuesOf(first.records)).toEqual(['40', '41', '42', '43', '44', '45', '46']);
    expect(first).toMatchObject({ nextOffset: 47, endOffset: 100, startOffset: 0 });
    expect((await reader.next()).records[0]?.offset).toBe(47);
    await reader.close();
    const narrow = log.read({ topic, partition: 0, offset: 0, maxBytes: 1 });
    expect((await narrow.next()).records).toHaveLength(1);
    await narrow.close();
  });

  it('waits at the end, as long as it is told to', async () => {
    const reader = log.read({ topic, partition: 0, offset: 100 });
    expect(await reader.next({ maxWaitMs: 10 })).toMatchObject({
      records: [],
      nextOffset: 100,
      endOffset: 100,
    });
    const stop = new AbortController();
    const waiting = reader.next({ signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await reader.close();
  });

  it('gives many readers at the tail everything, each in order', async () => {
    const readers = Array.from({ length: 30 }, () => log.read({ topic, partition: 1, offset: 0 }));
    const all = readers.map((reader) => take(reader, 50));
    for (let i = 0; i < 50; i += 1) {
      await log.publisher.publish(topic, [record(`${i}`, { partition: 1 })]);
    }
    const expected = Array.from({ length: 50 }, (_, i) => `${i}`);
    for (const records of await Promise.all(all)) expect(valuesOf(records)).toEqual(expected);
    await Promise.all(readers.map((reader) => reader.close()));
  });

  it('says where the log begins and ends instead of moving by itself', async () => {
    const reader = log.read({ topic, partition: 0, offset: 5_000 });
    const failure: unknown = await reader.next().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LogOffsetOutOfRange);
    expect(failure).toMatchObject({
      bounds: { requested: 5_000, startOffset: 0, endOffset: 100 },
    });
    await reader.close();
  });

  it('reads what another client compressed', async () => {
    const producer = new Kafka({ brokers: [testKafka()], logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    const messages = Array.from({ length: 20 }, (_, i) => ({ key: 'k', value: `packed ${i}` }));
    const [stored] = await producer.send({
      topic,
      messages: messages.map((message) => ({ ...message, partition: 0 })),
      compression: CompressionTypes.GZIP,
    });
    await producer.disconnect();
    const offset = Number(stored?.baseOffset);
    const records = await readAll(log, { topic, partition: 0, offset: offset + 3 });
    expect(valuesOf(records).slice(0, 2)).toEqual(['packed 3', 'packed 4']);
  });

  it('finds offsets by time; a time after the last record gives the end', async () => {
    const ends = await log.admin.offsets(topic, 'latest');
    expect([...(await log.admin.offsets(topic, 'earliest')).values()]).toEqual([0, 0]);
    expect([...(await log.admin.offsets(topic, { timestamp: 0 })).values()]).toEqual([0, 0]);
    const later = await log.admin.offsets(topic, { timestamp: Date.now() + 3_600_000 });
    expect(later).toEqual(ends);
  });
});
