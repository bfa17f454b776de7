/** Long because whatever writes is asked for on a full disk, and again when there is room. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker, type RunningBroker } from '../../src/kafka/broker/start-broker.js';
import { batchOf, produce, readAll } from './support/batches.js';
import { isForeign } from './support/broker-under-test.js';
import { Disk } from './support/disk.js';
import { commit, committed, heartbeat, join as joinGroup, sync } from './support/groups.js';
import { offsetAt } from './support/offsets.js';
import { RawClient } from './support/raw-client.js';
import { createTopic, deleteTopic, metadataOf, tryCreateTopic } from './support/topics.js';
import { INIT_PRODUCER_ID, TransactionalProducer } from './support/transactional-producer.js';

// What is filled here is the disk of the embedded broker.
const embedded = isForeign ? describe.skip : describe;

const KEY = { DELETE_RECORDS: 21, CREATE_PARTITIONS: 37, ALTER_CONFIGS: 44 };
const NONE = 0;
const ERROR = {
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  COORDINATOR_LOAD_IN_PROGRESS: 14,
  COORDINATOR_NOT_AVAILABLE: 15,
  KAFKA_STORAGE_ERROR: 56,
} as const;
const TOPIC_RESOURCE = 2;
const EARLIEST = -2;

const disk = new Disk();
let directory: string;
let broker: RunningBroker;
let client: RawClient;
let failures: unknown[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'full-disk-'));
  failures = [];
});
afterEach(async () => {
  client.close();
  await broker.stop();
  await rm(directory, { recursive: true, force: true });
});

async function start(fsync: 'never' | 'interval' | 'always'): Promise<void> {
  const onFailure = (error: unknown): void => void failures.push(error);
  broker = await startBroker({ dataDir: directory, fsync, onFailure });
  client = await RawClient.open(broker);
}

async function restart(fsync: 'never' | 'interval' | 'always'): Promise<void> {
  client.close();
  await broker.stop();
  await start(fsync);
}

/** Writes one record as an idempotent producer; the error code. */
async function send(topic: string, baseSequence: number): Promise<number> {
  const producer = { producerId: 5_000, producerEpoch: 0, baseSequence };
  return (await produce(client, topic, batchOf([`${baseSequence}`], producer))).errorCode;
}

async function addPartitions(name: string, count: number): Promise<number> {
  const topics = [{ name, count, assignments: null }];
  const { results } = await client.request<{ results: ReadonlyArray<{ errorCode: number }> }>(
    KEY.CREATE_PARTITIONS,
    1,
    { topics, timeoutMs: 30_000, validateOnly: false },
  );
  return results[0]!.errorCode;
}

async function setRetention(resourceName: string): Promise<number> {
  const configs = [{ name: 'retention.ms', configOperation: 0, value: '123456789' }];
  const resources = [{ resourceType: TOPIC_RESOURCE, resourceName, configs }];
  const { responses } = await client.request<{ responses: ReadonlyArray<{ errorCode: number }> }>(
    KEY.ALTER_CONFIGS,
    1,
    { resources, validateOnly: false },
  );
  return responses[0]!.errorCode;
}

async function deleteRecords(name: string, offset: number) {
  const { topics } = await client.request<{
    topics: ReadonlyArray<{
      partitions: ReadonlyArray<{ errorCode: number; lowWatermark: number }>;
    }>;
  }>(KEY.DELETE_RECORDS, 2, {
    topics: [{ name, partitions: [{ partitionIndex: 0, offset }] }],
    timeoutMs: 30_000,
  });
  return topics[0]!.partitions[0]!;
}

const startOf = async (name: string): Promise<number> =>
  (await offsetAt(client, name, { timestamp: EARLIEST, version: 5 })).offset;

async function newProducerId(): Promise<{ errorCode: number; producerId: number }> {
  const body = { transactionTimeoutMs: 1, producerId: -1, producerEpoch: -1 };
  const request = { transactionalId: null, ...body };
  return await client.request<{ errorCode: number; producerId: number }>(
    INIT_PRODUCER_ID,
    4,
    request,
  );
}

const KINDS = (['never', 'interval', 'always'] as const).flatMap((fsync) => [
  { fsync, lacksInodes: false },
  { fsync, lacksInodes: true },
]);

embedded.each(KINDS)('a full disk, %j', ({ fsync, lacksInodes }) => {
  beforeEach(() => {
    disk.lacksInodes = lacksInodes;
  });

  it('refuses records, and has each of them once when there is room again', async () => {
    await start(fsync);
    const topic = await createTopic(client);
    const other = await createTopic(client);
    expect(await send(topic, 0)).toBe(NONE);
    for (const sequence of [1, 2]) {
      disk.isFull = true;
      expect(await send(topic, sequence)).toBe(ERROR.KAFKA_STORAGE_ERROR);
      // Its first record begins a leader epoch, which is written down in a file of its own.
      expect(await send(other, sequence)).toBe(ERROR.KAFKA_STORAGE_ERROR);
      expect(await readAll(client, topic)).toHaveLength(sequence);
      disk.isFull = false;
      expect(await send(topic, sequence)).toBe(NONE);
      expect(await send(topic, sequence)).toBe(NONE);
    }
    expect(await readAll(client, topic)).toEqual(['0', '1', '2']);
    await restart(fsync);
    expect(await readAll(client, topic)).toEqual(['0', '1', '2']);
  });

  it('refuses changes of topics, and leaves none half made', async () => {
    await start(fsync);
    const topic = await createTopic(client, { partitions: 2 });
    const name = `${topic}-more`;
    for (const value of ['a', 'b', 'c']) await produce(client, topic, batchOf([value]));
    disk.isFull = true;
    expect((await tryCreateTopic(client, { name })).errorCode).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect(await addPartitions(topic, 4)).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect(await setRetention(topic)).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect((await deleteRecords(topic, 2)).errorCode).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect(await startOf(topic)).toBe(0);
    await restart(fsync);
    expect((await metadataOf(client, name)).errorCode).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    expect((await metadataOf(client, topic)).partitions).toHaveLength(2);
    disk.isFull = false;
    expect((await tryCreateTopic(client, { name })).errorCode).toBe(NONE);
    expect(await addPartitions(topic, 4)).toBe(NONE);
    expect(await setRetention(topic)).toBe(NONE);
    expect(await deleteRecords(topic, 2)).toEqual(expect.objectContaining({ lowWatermark: 2 }));
    await restart(fsync);
    expect((await metadataOf(client, topic)).partitions).toHaveLength(4);
    expect(await readAll(client, topic, 2)).toEqual(['c']);
  });

  it('has groups and their offsets wait for room', async () => {
    await start(fsync);
    const topic = await createTopic(client);
    const group = `${topic}-group`;
    expect(await commit(client, 'other', topic, 1)).toBe(NONE);
    disk.isFull = true;
    const joined = await joinGroup(client, group);
    const assignments = { [joined.memberId]: 'mine' };
    const refused = await sync(client, group, joined, assignments);
    expect(refused.errorCode).toBe(ERROR.COORDINATOR_NOT_AVAILABLE);
    // Who asks again is not told what a restart would forget.
    const again = await sync(client, group, joined);
    expect(again.errorCode).toBe(ERROR.COORDINATOR_NOT_AVAILABLE);
    expect(await commit(client, 'other', topic, 2)).toBe(ERROR.COORDINATOR_NOT_AVAILABLE);
    expect(await committed(client, 'other', topic)).toBe(1);
    disk.isFull = false;
    const answer = await sync(client, group, joined);
    expect([answer.errorCode, String(answer.assignment)]).toEqual([NONE, 'mine']);
    expect(await commit(client, 'other', topic, 2)).toBe(NONE);
    await restart(fsync);
    expect(await heartbeat(client, group, joined)).toBe(NONE);
    expect(await committed(client, 'other', topic)).toBe(2);
  });

  it('has transactions and new producers wait for room', async () => {
    await start(fsync);
    const topic = await createTopic(client, { partitions: 2 });
    const group = `${topic}-group`;
    const producer = await new TransactionalProducer(client).initialise();
    const newcomer = new TransactionalProducer(client);
    expect(await producer.addPartitions(topic)).toEqual([NONE]);
    expect(await producer.send(topic, 'a')).toBe(NONE);
    const initialised = async () => (await newcomer.askToInitialise()).errorCode;
    disk.isFull = true;
    expect(await newcomer.askToInitialise()).toMatchObject({ errorCode: 15, producerId: -1 });
    expect(await producer.addPartitions(topic, [1])).toEqual([ERROR.COORDINATOR_NOT_AVAILABLE]);
    expect(await producer.addOffsets(group)).toBe(ERROR.COORDINATOR_NOT_AVAILABLE);
    expect(await producer.end(true)).toBe(ERROR.COORDINATOR_NOT_AVAILABLE);
    disk.isFull = false;
    expect(await producer.addOffsets(group)).toBe(NONE);
    disk.isFull = true;
    expect(await producer.commitOffset(group, topic, 7)).toBe(ERROR.COORDINATOR_NOT_AVAILABLE);
    disk.isFull = false;
    expect(await producer.commitOffset(group, topic, 7)).toBe(NONE);
    expect(await producer.addPartitions(topic, [1])).toEqual([NONE]);
    expect(await producer.end(true)).toBe(NONE);
    expect(await committed(client, group, topic)).toBe(7);
    expect(await initialised()).toBe(NONE);
  });

  it('gives no producer id twice', async () => {
    await start(fsync);
    disk.isFull = true;
    expect(await newProducerId()).toMatchObject({
      errorCode: ERROR.COORDINATOR_LOAD_IN_PROGRESS,
      producerId: -1,
    });
    disk.isFull = false;
    const ids: number[] = [];
    const another = async (): Promise<void> => {
      const { errorCode, producerId } = await newProducerId();
      expect(errorCode).toBe(NONE);
      ids.push(producerId);
    };
    await another();
    await another();
    disk.isFull = true;
    for (let run = 0; run < 10; run++) {
      await restart(fsync);
      await another();
    }
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
    expect(ids.at(-1)).toBeGreaterThanOrEqual(10_000);
  });

  it('neither keeps the broker from its end nor from its start', async () => {
    await start(fsync);
    const topic = await createTopic(client);
    for (let sequence = 0; sequence < 3; sequence++) await send(topic, sequence);
    await commit(client, 'group', topic, 2);
    disk.isFull = true;
    const { leaderEpoch } = broker;
    await restart(fsync);
    expect(broker.leaderEpoch).toBe(leaderEpoch + 1);
    expect(await readAll(client, topic)).toEqual(['0', '1', '2']);
    expect(await committed(client, 'group', topic)).toBe(2);
    await restart(fsync);
    expect(broker.leaderEpoch).toBe(leaderEpoch + 2);
    disk.isFull = false;
    expect(await send(topic, 2)).toBe(NONE);
    expect(await send(topic, 3)).toBe(NONE);
    await restart(fsync);
    expect(await readAll(client, topic)).toEqual(['0', '1', '2', '3']);
  });

  it('gets room by retention and by deleting records', async () => {
    await start(fsync);
    const configs = { 'segment.bytes': '1048576', 'retention.bytes': '1048576' };
    const [bounded, kept] = [
      await createTopic(client, { configs }),
      await createTopic(client, { configs: { 'segment.bytes': '1048576' } }),
    ];
    const value = 'x'.repeat(400_000);
    for (const topic of [bounded, kept]) {
      for (let i = 0; i < 9; i++) await produce(client, topic, batchOf([`${i} ${value}`]));
    }
    disk.isFull = true;
    await expect(broker.clean()).rejects.toBeInstanceOf(AggregateError);
    const start0 = await startOf(bounded);
    expect(start0).toBeGreaterThan(0);
    expect((await deleteRecords(kept, 7)).errorCode).toBe(ERROR.KAFKA_STORAGE_ERROR);
    const start1 = await startOf(kept);
    expect(start1).toBe(6);
    await restart(fsync);
    expect([await startOf(bounded), await startOf(kept)]).toEqual([start0, start1]);
    disk.isFull = false;
    await broker.clean();
    expect((await deleteRecords(kept, 7)).lowWatermark).toBe(7);
    expect((await readAll(client, kept, 7)).map((each) => each[0])).toEqual(['7', '8']);
  });

  it('forgets the offsets of a deleted topic, also where another one gets its name', async () => {
    await start(fsync);
    const topic = await createTopic(client);
    const producer = await new TransactionalProducer(client).initialise();
    await commit(client, 'group', topic, 5);
    await producer.addOffsets('group-2');
    await producer.commitOffset('group-2', topic, 6);
    disk.isFull = true;
    expect(await deleteTopic(client, topic)).toBe(NONE);
    disk.isFull = false;
    await createTopic(client, { name: topic });
    expect(await committed(client, 'group', topic)).toBe(-1);
    await commit(client, 'group-3', topic, 1);
    expect(await producer.end(true)).toBe(NONE);
    await restart(fsync);
    const offsets = ['group', 'group-2', 'group-3'].map((id) => committed(client, id, topic));
    expect(await Promise.all(offsets)).toEqual([-1, -1, 1]);
  });
});
