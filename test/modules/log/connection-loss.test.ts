import { KafkaEventLog } from '../../../src/kafka/log/kafka-event-log.js';
import { CuttingProxy } from './support/cutting-proxy.js';
import {
  freshTopic,
  isStored,
  openLog,
  readAll,
  record,
  testKafka,
} from './support/log-harness.js';

const PARTITIONS = 3;
const WRITERS = 8;
const CUTS = 25;

describe('connections that break off at random points', () => {
  const direct = openLog();
  const topic = freshTopic('cuts');
  let proxy: CuttingProxy;
  let log: KafkaEventLog;

  beforeAll(async () => {
    proxy = await CuttingProxy.start(testKafka(), 4_000);
    const { port } = proxy;
    const reachedAt = () => ({ host: '127.0.0.1', port });
    log = new KafkaEventLog({ brokers: [`127.0.0.1:${port}`], ssl: false, reachedAt });
    await direct.admin.createTopic({ name: topic, partitions: PARTITIONS });
  });

  afterAll(async () => {
    await log.close();
    await proxy.stop();
    await direct.admin.deleteTopic(topic);
    await direct.close();
  });

  it('leave every acknowledged record stored once, at its place, in its key’s order', async () => {
    const acknowledged = new Map<string, { partition: number; offset: number }>();
    let calls = 0;
    const write = async (writer: number): Promise<void> => {
      for (let call = 0; proxy.cuts < CUTS; call += 1) {
        calls += 1;
        const value = `${writer}:${call}`;
        const [outcome] = await log.publisher.publish(topic, [record(value, { key: `${writer}` })]);
        if (isStored(outcome)) acknowledged.set(value, outcome);
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    expect(acknowledged.size).toBeGreaterThan(calls * 0.9);

    const seen = new Map<string, number>();
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const last = new Map<string, number>();
      for (const { value, key, offset } of await readAll(direct, { topic, partition })) {
        const place = acknowledged.get(String(value));
        if (place !== undefined) expect({ partition, offset }).toEqual(place);
        seen.set(String(value), (seen.get(String(value)) ?? 0) + 1);
        const call = Number(String(value).split(':')[1]);
        expect(call).toBeGreaterThan(last.get(String(key)) ?? -1);
        last.set(String(key), call);
      }
    }
    for (const value of acknowledged.keys()) expect(seen.get(value)).toBe(1);
  });

  it('make a reader miss nothing', async () => {
    const stored = await readAll(direct, { topic, partition: 0 });
    const expected = stored.map(({ offset }) => offset);
    // An answer is about as long as a connection lives: half of them are cut.
    proxy.meanBytes = stored.length * 100;
    const reader = log.read({ topic, partition: 0, offset: 0, maxRecords: 5 });
    const offsets: number[] = [];
    const end = (expected.at(-1) ?? -1) + 1;
    for (let next = 0; next < end;) {
      const slice = await reader.next({ maxWaitMs: 100 });
      offsets.push(...slice.records.map(({ offset }) => offset));
      next = slice.nextOffset;
    }
    await reader.close();
    expect(offsets).toEqual(expected);
  });
});
