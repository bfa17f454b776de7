import {
  batchOf,
  fetchAll,
  fetchBody,
  FETCH,
  fetchOne,
  PRODUCE,
  produce,
  produceBody,
  readAll,
} from './support/batches.js';
import { brokerUnderTest, isForeign, type BrokerUnderTest } from './support/broker-under-test.js';
import { commit, committed, GROUP_KEY, join } from './support/groups.js';
import { unique } from './support/names.js';
import { withOneBroker } from './support/one-broker.js';
import { RawClient } from './support/raw-client.js';
import { createTopic, CREATE_TOPICS, deleteTopic, tryCreateTopic } from './support/topics.js';

/** Apache Kafka answers each time, or is told of idleness in another way. */
const embedded = isForeign ? describe.skip : describe;

const KEY = { LIST_OFFSETS: 2, METADATA: 3, WRITE_TXN_MARKERS: 27, DESCRIBE_CONFIGS: 32 } as const;
const NONE = 0;
const ERROR = {
  INCONSISTENT_GROUP_PROTOCOL: 23,
  INVALID_REQUEST: 42,
  POLICY_VIOLATION: 44,
} as const;
/** Far more than any client names in one request. */
const VERY_OFTEN = 100_000;

let broker: BrokerUnderTest;
let client: RawClient;
withOneBroker((started) => ({ broker, client } = started));

const often = <T>(value: T): readonly T[] => Array.from({ length: VERY_OFTEN }, () => value);

describe('who names the same thing very often', () => {
  it('is told of a topic once', async () => {
    const name = await createTopic(client, { partitions: 20 });
    const request = { topics: often({ name }), allowAutoTopicCreation: false };
    const { topics } = await client.request<{ topics: readonly unknown[] }>(
      KEY.METADATA,
      7,
      request,
    );
    expect(topics).toHaveLength(1);
    await deleteTopic(client, name);
  });

  it('reads a partition once', async () => {
    const topic = await createTopic(client);
    await produce(client, topic, batchOf(['a']));
    expect(await fetchAll(client, topic, { partitions: often(0) })).toHaveLength(1);
  });

  it('is refused where it asks for offsets by time', async () => {
    const name = await createTopic(client);
    const partition = { partitionIndex: 0, currentLeaderEpoch: -1, timestamp: 5 };
    const { topics } = await client.request<{
      topics: ReadonlyArray<{ partitions: ReadonlyArray<{ errorCode: number }> }>;
    }>(KEY.LIST_OFFSETS, 5, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name, partitions: [partition, partition] }],
    });
    const codes = topics.flatMap(({ partitions }) => partitions.map((each) => each.errorCode));
    expect(new Set(codes)).toEqual(new Set([ERROR.INVALID_REQUEST]));
  });

  it('writes to a partition once at most', async () => {
    const topic = await createTopic(client);
    await client.request(PRODUCE, 7, {
      ...produceBody(topic, Buffer.alloc(0)),
      topicData: [
        {
          name: topic,
          partitionData: Array.from({ length: 2_000 }, () => ({
            index: 0,
            records: batchOf(['a']),
          })),
        },
      ],
    });
    expect((await readAll(client, topic)).length).toBeLessThanOrEqual(1);
  });

  it('commits the last of the offsets', async () => {
    const [topic, groupId] = [await createTopic(client), unique('group')];
    const partition = (committedOffset: number) => ({
      partitionIndex: 0,
      committedOffset,
      committedMetadata: '',
    });
    await client.request(GROUP_KEY.OFFSET_COMMIT, 7, {
      groupId,
      generationIdOrMemberEpoch: -1,
      memberId: '',
      groupInstanceId: null,
      topics: [{ name: topic, partitions: [partition(1), partition(2)] }],
    });
    expect(await committed(client, groupId, topic)).toBe(2);
  });
});

embedded('who names the same thing very often, here', () => {
  it('is told of a group, its offsets and configurations once', async () => {
    const [topic, group] = [await createTopic(client), unique('group')];
    await commit(client, group, topic, 1, {}, 'm'.repeat(4_000));
    const [described, fetched, configs] = [
      await client.request<{ groups: readonly unknown[] }>(GROUP_KEY.DESCRIBE_GROUPS, 4, {
        groups: often(group),
        includeAuthorizedOperations: false,
      }),
      await client.request<{
        topics: ReadonlyArray<{ partitions: readonly unknown[] }>;
      }>(GROUP_KEY.OFFSET_FETCH, 5, {
        groupId: group,
        topics: [{ name: topic, partitionIndexes: often(0) }],
      }),
      await client.request<{ results: readonly unknown[] }>(KEY.DESCRIBE_CONFIGS, 2, {
        resources: often({ resourceType: 2, resourceName: topic, configurationKeys: null }),
        includeSynonyms: true,
      }),
    ];
    expect(described.groups).toHaveLength(1);
    expect(fetched.topics.flatMap(({ partitions }) => partitions)).toHaveLength(1);
    expect(configs.results).toHaveLength(1);
  });
});

/** What is quadratic takes minutes with so many, and the test its time. */
describe('very many names in one request', () => {
  it('are looked up among as many groups and protocols', async () => {
    const [one, other] = [await RawClient.open(broker), await RawClient.open(broker)];
    const group = unique('group');
    const named = (prefix: string) => {
      const protocols = Array.from({ length: 50_000 }, (_, i) => ({
        name: `${prefix}${i}`,
        metadata: Buffer.alloc(0),
      }));
      return { protocols };
    };
    const first = await join(one, group, named('a'));
    expect(first.errorCode).toBe(NONE);
    expect((await join(other, group, named('b'))).errorCode).toBe(
      ERROR.INCONSISTENT_GROUP_PROTOCOL,
    );
    one.close();
    other.close();
  });

  it('are refused where topics are created', async () => {
    const topics = Array.from({ length: 10_001 }, (_, i) => ({
      name: `${unique('topic')}-${i}`,
      numPartitions: 1,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    }));
    const request = { topics, timeoutMs: 30_000, validateOnly: true };
    const answer = await client.request<{ topics: ReadonlyArray<{ errorCode: number }> }>(
      CREATE_TOPICS,
      7,
      request,
    );
    const codes = new Set(answer.topics.map(({ errorCode }) => errorCode));
    expect(codes).toEqual(new Set([ERROR.POLICY_VIOLATION]));
  });

  it('are refused where one topic has ten million partitions', async () => {
    const { errorCode } = await tryCreateTopic(client, { partitions: 10_000_000 });
    expect(errorCode).toBe(ERROR.POLICY_VIOLATION);
  });
});

/** Apache Kafka has threads for that. */
embedded('very many transactions to be ended in one request', () => {
  it('keep nobody waiting', async () => {
    const [one, other] = [await RawClient.open(broker), await RawClient.open(broker)];
    const topic = await createTopic(one);
    const markers = Array.from({ length: 20_000 }, (_, producerId) => ({
      producerId,
      producerEpoch: 0,
      transactionResult: false,
      topics: [{ name: topic, partitionIndexes: [0] }],
      coordinatorEpoch: 1_000,
    }));
    const ended = one.request(KEY.WRITE_TXN_MARKERS, 1, { markers });
    let seen = 0;
    while (seen === 0) ({ highWatermark: seen } = await fetchOne(other, topic));
    expect(seen).toBeLessThan(markers.length);
    await ended;
    one.close();
    other.close();
  });
});

embedded('connections that do nothing', () => {
  let impatient: BrokerUnderTest;
  beforeAll(async () => {
    impatient = await brokerUnderTest({ idleMs: 1_000 });
  });
  afterAll(() => impatient.stop());

  it('are let go, those that do not read as well, and others stay', async () => {
    const busy = await RawClient.open(impatient);
    const topic = await createTopic(busy);
    for (let i = 0; i < 8; i++) await produce(busy, topic, batchOf(['x'.repeat(900_000)]));
    const deaf = await RawClient.open(impatient);
    deaf.socket.pause();
    const body = fetchBody(topic, { partitionMaxBytes: 50_000_000 });
    const sent = 50;
    for (let i = 0; i < sent; i++) deaf.send(FETCH, 11, body);
    // Bytes that left for the kernel in between count as life: once more may be needed, and again.
    for (let round = 0; round < 3; round++) {
      const idle = await Promise.all(Array.from({ length: 50 }, () => RawClient.open(impatient)));
      const gone = Promise.all(idle.map(({ closed }) => closed)).then(() => true);
      const fetched = (): Promise<boolean> => fetchOne(busy, topic).then(() => false);
      while (!(await Promise.race([gone, fetched()])));
    }
    deaf.socket.resume();
    let received = 0;
    while (await deaf.nextFrame().then(Boolean, () => false)) received += 1;
    expect(received).toBeLessThan(sent);
    expect((await fetchOne(busy, topic)).errorCode).toBe(NONE);
    busy.close();
  });
});
