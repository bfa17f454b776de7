import { eventually } from '../support/eventually.js';
import { batchOf, fetchOne, produce } from './support/batches.js';
import { unique } from './support/names.js';
import { withOneBroker } from './support/one-broker.js';
import type { RawClient } from './support/raw-client.js';
import {
  createTopic,
  DELETE_TOPICS,
  deleteTopic,
  metadataOf,
  tryCreateTopic,
} from './support/topics.js';

const CREATE_PARTITIONS = 37;
const DELETE_RECORDS = 21;
const METADATA = 3;

const ERROR = {
  OFFSET_OUT_OF_RANGE: 1,
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  INVALID_TOPIC: 17,
  TOPIC_ALREADY_EXISTS: 36,
  INVALID_PARTITIONS: 37,
  INVALID_REPLICATION_FACTOR: 38,
  INVALID_CONFIG: 40,
  INVALID_REQUEST: 42,
  UNKNOWN_TOPIC_ID: 100,
} as const;

const SET_ON_TOPIC = 1;

interface Results<K extends string> {
  readonly results?: ReadonlyArray<Record<K | 'errorCode', unknown>>;
  readonly responses?: ReadonlyArray<Record<K | 'errorCode', unknown>>;
}

let client: RawClient;
withOneBroker((started) => ({ client } = started));

describe('creating a topic', () => {
  it('answers with its id and a list of configurations, never null', async () => {
    const created = await tryCreateTopic(client, { configs: { 'retention.ms': '1234567' } });
    expect(created.errorCode).toBe(0);
    expect(created.topicId).not.toBe('0'.repeat(32));
    const retention = created.configs!.find(({ name }) => name === 'retention.ms');
    expect(retention).toMatchObject({ value: '1234567', configSource: SET_ON_TOPIC });
    expect(created.configs!.length).toBeGreaterThan(20);
  });

  it('refuses a name that is taken', async () => {
    const name = await createTopic(client);
    const again = await tryCreateTopic(client, { name });
    expect(again.errorCode).toBe(ERROR.TOPIC_ALREADY_EXISTS);
  });

  it('refuses a name that differs from another by . and _ only', async () => {
    const name = unique('a.b');
    await createTopic(client, { name });
    const other = await tryCreateTopic(client, { name: name.replace('.', '_') });
    expect(other.errorCode).toBe(ERROR.INVALID_TOPIC);
  });

  it.each(['', '.', '..', 'a b', 'ä', 'x'.repeat(250)])('refuses the name "%s"', async (name) => {
    expect((await tryCreateTopic(client, { name })).errorCode).toBe(ERROR.INVALID_TOPIC);
  });

  it.each([
    ['no partitions', { partitions: 0 }, ERROR.INVALID_PARTITIONS],
    ['more replicas than brokers', { replicas: 99 }, ERROR.INVALID_REPLICATION_FACTOR],
    ['no replicas', { replicas: 0 }, ERROR.INVALID_REPLICATION_FACTOR],
    ['an unknown configuration', { configs: { 'no.such': '1' } }, ERROR.INVALID_CONFIG],
    ['a number that is none', { configs: { 'retention.ms': 'soon' } }, ERROR.INVALID_CONFIG],
    ['a number too small', { configs: { 'retention.ms': '-2' } }, ERROR.INVALID_CONFIG],
    ['a small segment', { configs: { 'segment.bytes': '100' } }, ERROR.INVALID_CONFIG],
    ['an unknown word', { configs: { 'cleanup.policy': 'shred' } }, ERROR.INVALID_CONFIG],
    ['a null value', { configs: { 'retention.ms': null } }, ERROR.INVALID_CONFIG],
  ])('refuses %s', async (_name, topic, error) => {
    expect((await tryCreateTopic(client, topic)).errorCode).toBe(error);
  });

  it('only tries when told so', async () => {
    const name = unique('dry');
    expect((await tryCreateTopic(client, { name, validateOnly: true })).errorCode).toBe(0);
    expect((await metadataOf(client, name)).errorCode).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
  });
});

describe('a topic that is deleted and made again', () => {
  it('is empty and has another id', async () => {
    const name = await createTopic(client);
    await produce(client, name, batchOf(['old']));
    const former = await metadataOf(client, name);
    expect(await deleteTopic(client, name)).toBe(0);
    expect(await deleteTopic(client, name)).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    await createTopic(client, { name });
    const now = await metadataOf(client, name);
    expect(now.topicId).not.toBe(former.topicId);
    expect((await fetchOne(client, name)).values).toEqual([]);
    const byId = await client.request<{ topics: ReadonlyArray<{ errorCode: number }> }>(
      METADATA,
      12,
      { topics: [{ topicId: former.topicId, name: null }], allowAutoTopicCreation: false },
    );
    expect(byId.topics[0]!.errorCode).toBe(ERROR.UNKNOWN_TOPIC_ID);
  });
});

describe('topics that are named twice', () => {
  const NO_ID = '0'.repeat(32);
  const remove = async (...topics: readonly { name: string | null; topicId: string }[]) => {
    const { responses } = await client.request<{
      responses: ReadonlyArray<{ errorCode: number }>;
    }>(DELETE_TOPICS, 6, { topics, timeoutMs: 30_000 });
    return responses.map(({ errorCode }) => errorCode);
  };
  let name: string;
  let topicId: string;
  beforeEach(async () => {
    name = await createTopic(client);
    ({ topicId } = await metadataOf(client, name));
  });

  it.each([
    ['by their name', () => [0, 1].map(() => ({ name, topicId: NO_ID }))],
    ['by their id', () => [0, 1].map(() => ({ name: null, topicId }))],
    [
      'by one and the other',
      () => [
        { name, topicId: NO_ID },
        { name: null, topicId },
      ],
    ],
    ['by both at once', () => [{ name, topicId }]],
  ])('are not deleted: %s', async (_, topics) => {
    expect(await remove(...topics())).toEqual([ERROR.INVALID_REQUEST]);
    expect((await metadataOf(client, name)).topicId).toBe(topicId);
    expect(await remove({ name: null, topicId })).toEqual([0]);
  });

  it('are not those without a name and an id', async () => {
    expect(await remove({ name: null, topicId: NO_ID })).toEqual([ERROR.INVALID_REQUEST]);
  });
});

describe('adding partitions', () => {
  const extend = async (topic: string, count: number): Promise<unknown> => {
    const { results } = await client.request<Results<'name'>>(CREATE_PARTITIONS, 1, {
      topics: [{ name: topic, count, assignments: null }],
      timeoutMs: 30_000,
      validateOnly: false,
    });
    return results![0]!.errorCode;
  };

  it('grows a topic and never shrinks it', async () => {
    const topic = await createTopic(client, { partitions: 2 });
    expect(await extend(topic, 4)).toBe(0);
    await eventually(
      () => metadataOf(client, topic),
      ({ partitions }) => partitions.length === 4,
    );
    expect(await extend(topic, 4)).toBe(ERROR.INVALID_PARTITIONS);
    expect(await extend(topic, 1)).toBe(ERROR.INVALID_PARTITIONS);
    expect(await extend(unique('nowhere'), 2)).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
  });
});

describe('deleting records', () => {
  const deleteBefore = async (topic: string, offset: number) => {
    const { topics } = await client.request<{
      topics: ReadonlyArray<{ partitions: ReadonlyArray<Record<string, number>> }>;
    }>(DELETE_RECORDS, 2, {
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, offset }] }],
      timeoutMs: 30_000,
    });
    return topics[0]!.partitions[0]!;
  };

  it('moves the start of the log, not beyond its end', async () => {
    const topic = await createTopic(client);
    await produce(client, topic, batchOf(['a', 'b', 'c', 'd']));
    expect(await deleteBefore(topic, 2)).toMatchObject({ errorCode: 0, lowWatermark: 2 });
    expect((await fetchOne(client, topic, { offset: 1 })).errorCode).toBe(
      ERROR.OFFSET_OUT_OF_RANGE,
    );
    expect(await fetchOne(client, topic, { offset: 2 })).toMatchObject({ logStartOffset: 2 });
    expect((await deleteBefore(topic, 9)).errorCode).toBe(ERROR.OFFSET_OUT_OF_RANGE);
    expect(await deleteBefore(topic, -1)).toMatchObject({ errorCode: 0, lowWatermark: 4 });
  });
});
