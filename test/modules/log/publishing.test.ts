import {
  LogRecordTooLarge,
  LogTopicExists,
  LogTopicGone,
} from '../../../src/kafka/log/log.errors.js';
import {
  freshTopic,
  isStored,
  openLog,
  readAll,
  record,
  take,
  valuesOf,
} from './support/log-harness.js';

describe('publishing', () => {
  const log = openLog();
  const topics: string[] = [];
  const newTopic = async (partitions: number, configs = {}): Promise<string> => {
    const name = freshTopic('publishing');
    topics.push(name);
    await log.admin.createTopic({ name, partitions, configs });
    return name;
  };

  afterAll(async () => {
    for (const name of topics) await log.admin.deleteTopic(name);
    await log.close();
  });

  it('keeps the order of a key over many calls under way at once', async () => {
    const topic = await newTopic(4);
    const calls = Array.from({ length: 400 }, (_, i) =>
      log.publisher.publish(topic, [record(`${i}`, { key: `k${i % 7}` })]),
    );
    const places = (await Promise.all(calls)).map(([place]) => place);
    expect(places.every(isStored)).toBe(true);
    const last = new Map<string, number>();
    for (let partition = 0; partition < 4; partition += 1) {
      for (const { key, value, offset } of await readAll(log, { topic, partition })) {
        expect(places[Number(value)]).toEqual({ partition, offset });
        expect(Number(value)).toBeGreaterThan(last.get(String(key)) ?? -1);
        last.set(String(key), Number(value));
      }
    }
    expect(last.size).toBe(7);
  });

  it('fails only the record that is too large for the topic', async () => {
    const topic = await newTopic(1, { 'max.message.bytes': '5000' });
    const large = record('x'.repeat(6_000));
    const outcomes = await log.publisher.publish(topic, [record('a'), large, record('b')]);
    expect(outcomes[1]).toBeInstanceOf(LogRecordTooLarge);
    expect([outcomes[0], outcomes[2]].every(isStored)).toBe(true);
    expect(valuesOf(await readAll(log, { topic, partition: 0 }))).toEqual(['a', 'b']);
  });

  it('sends more than one batch can hold', async () => {
    const topic = await newTopic(1);
    const all = Array.from({ length: 40 }, (_, i) => record(`${i}`.padEnd(100_000, '.')));
    expect((await log.publisher.publish(topic, all)).every(isStored)).toBe(true);
    expect(await readAll(log, { topic, partition: 0 })).toHaveLength(40);
  });

  it('goes on in a topic that was made again; readers of the former one are told', async () => {
    const topic = await newTopic(1);
    await log.publisher.publish(topic, [record('old'), record('older')]);
    const reader = log.read({ topic, partition: 0, offset: 0 });
    await take(reader, 2);
    const told = reader.next().catch((error: unknown) => error);
    const former = (await log.admin.describeTopic(topic))?.id;
    await log.admin.deleteTopic(topic);
    expect(await told).toBeInstanceOf(LogTopicGone);
    const made = await log.admin.createTopic({ name: topic, partitions: 1 });
    expect(made.id).not.toBe(former);
    const [place] = await log.publisher.publish(topic, [record('new')]);
    expect(place).toEqual({ partition: 0, offset: 0 });
    expect(valuesOf(await readAll(log, { topic, partition: 0 }))).toEqual(['new']);
    const stale = log.read({ topic, partition: 0, offset: 0, topicId: former });
    await expect(stale.next()).rejects.toThrow(LogTopicGone);
    await Promise.all([reader.close(), stale.close()]);
  });

  it('uses partitions that were added', async () => {
    const topic = await newTopic(1);
    await log.publisher.publish(topic, [record('a')]);
    await log.admin.addPartitions(topic, 3);
    const [place] = await log.publisher.publish(topic, [record('b', { partition: 2 })]);
    expect(place).toEqual({ partition: 2, offset: 0 });
  });

  it('names a topic that is not there, and one that is there already', async () => {
    const topic = await newTopic(1);
    await expect(log.admin.createTopic({ name: topic })).rejects.toThrow(LogTopicExists);
    const missing = freshTopic('missing');
    expect(await log.admin.describeTopic(missing)).toBeUndefined();
    await expect(log.admin.deleteTopic(missing)).rejects.toThrow(LogTopicGone);
    const [outcome] = await log.publisher.publish(missing, [record('a')]);
    expect(outcome).toBeInstanceOf(LogTopicGone);
    expect(await log.admin.listTopics()).toContain(topic);
  });

  it('changes a topic’s configs and reads them back', async () => {
    const topic = await newTopic(1, { 'retention.ms': '60000' });
    await log.admin.setTopicConfigs(topic, { 'retention.ms': '70000' });
    expect(await log.admin.topicConfigs(topic)).toMatchObject({ 'retention.ms': '70000' });
  });
});
