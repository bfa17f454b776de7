import { Kafka, logLevel } from 'kafkajs';
import { eventually } from '../support/eventually.js';
import type { BrokerUnderTest } from './support/broker-under-test.js';
import { committedValues } from './support/committed-values.js';
import { commit, GROUP_KEY, join } from './support/groups.js';
import { unique } from './support/names.js';
import { withOneBroker } from './support/one-broker.js';
import type { RawClient } from './support/raw-client.js';
import { createTopic } from './support/topics.js';
import { TransactionalProducer } from './support/transactional-producer.js';

const OFFSET_FETCH = 9;
const NONE = 0;
const ERROR = { INVALID_PRODUCER_EPOCH: 47, UNSTABLE_OFFSET_COMMIT: 88 } as const;

let broker: BrokerUnderTest;
let client: RawClient;
withOneBroker((started) => ({ broker, client } = started));

const producer = (transactionalId?: string) =>
  new TransactionalProducer(client, transactionalId).initialise();

async function offsetOf(groupId: string, topic: string, requireStable = false) {
  const { topics } = await client.request<{
    topics: ReadonlyArray<{
      partitions: ReadonlyArray<{ committedOffset: number; errorCode: number }>;
    }>;
  }>(OFFSET_FETCH, 7, {
    groupId,
    topics: [{ name: topic, partitionIndexes: [0] }],
    requireStable,
  });
  const { committedOffset, errorCode } = topics[0]!.partitions[0]!;
  return { committedOffset, errorCode };
}

describe('offsets in a transaction', () => {
  it('count once it commits', async () => {
    const topic = await createTopic(client);
    const group = unique('group');
    const one = await producer();
    expect(await one.addOffsets(group)).toBe(NONE);
    expect(await one.commitOffset(group, topic, 7)).toBe(NONE);
    expect(await offsetOf(group, topic)).toEqual({ committedOffset: -1, errorCode: NONE });
    expect((await offsetOf(group, topic, true)).errorCode).toBe(ERROR.UNSTABLE_OFFSET_COMMIT);
    expect(await one.end(true)).toBe(NONE);
    await eventually(
      () => offsetOf(group, topic, true),
      ({ committedOffset }) => committedOffset === 7,
    );
  });

  it('are as if they had never been when it aborts', async () => {
    const topic = await createTopic(client);
    const group = unique('group');
    const one = await producer();
    await one.addOffsets(group);
    await one.commitOffset(group, topic, 7);
    expect(await one.end(false)).toBe(NONE);
    await eventually(
      () => offsetOf(group, topic, true),
      ({ errorCode }) => errorCode === NONE,
    );
    expect(await offsetOf(group, topic)).toEqual({ committedOffset: -1, errorCode: NONE });
  });

  it('do not take the place of what is committed after them', async () => {
    const topic = await createTopic(client);
    const group = unique('group');
    const one = await producer();
    await one.addOffsets(group);
    expect(await one.commitOffset(group, topic, 5)).toBe(NONE);
    expect(await commit(client, group, topic, 10)).toBe(NONE);
    expect(await one.end(true)).toBe(NONE);
    const after = await eventually(
      () => offsetOf(group, topic, true),
      ({ errorCode }) => errorCode === NONE,
    );
    expect(after.committedOffset).toBe(10);
  });

  it('go with their group', async () => {
    const topic = await createTopic(client);
    const group = unique('group');
    const one = await producer();
    await one.addOffsets(group);
    expect(await commit(client, group, topic, 3)).toBe(NONE);
    expect(await one.commitOffset(group, topic, 9)).toBe(NONE);
    const { results } = await client.request<{ results: ReadonlyArray<{ errorCode: number }> }>(
      GROUP_KEY.DELETE_GROUPS,
      2,
      { groupsNames: [group, group] },
    );
    expect(results.map(({ errorCode }) => errorCode)).toEqual([NONE]);
    expect((await offsetOf(group, topic, true)).errorCode).toBe(NONE);
    expect(await one.end(true)).toBe(NONE);
    const next = await producer(one.transactionalId);
    expect(await next.addOffsets(group)).toBe(NONE);
    expect(await offsetOf(group, topic)).toEqual({ committedOffset: -1, errorCode: NONE });
  });

  it('go where they are deleted before it commits', async () => {
    const [topic, other] = [await createTopic(client), await createTopic(client)];
    const group = unique('group');
    const one = await producer();
    await one.addOffsets(group);
    expect(await commit(client, group, topic, 3)).toBe(NONE);
    expect(await one.commitOffset(group, topic, 9)).toBe(NONE);
    expect(await one.commitOffset(group, other, 9)).toBe(NONE);
    const deleted = await client.request<{ errorCode: number }>(GROUP_KEY.OFFSET_DELETE, 0, {
      groupId: group,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0 }] }],
    });
    expect(deleted.errorCode).toBe(NONE);
    expect(await offsetOf(group, topic, true)).toEqual({ committedOffset: -1, errorCode: NONE });
    expect(await one.end(true)).toBe(NONE);
    await eventually(
      () => offsetOf(group, other, true),
      ({ committedOffset }) => committedOffset === 9,
    );
    expect(await offsetOf(group, topic)).toEqual({ committedOffset: -1, errorCode: NONE });
  });

  it('are taken of a member also while its generation completes', async () => {
    const topic = await createTopic(client);
    const group = unique('group');
    const joined = await join(client, group);
    const one = await producer();
    await one.addOffsets(group);
    const { generationId, memberId } = joined;
    expect(await one.commitOffset(group, topic, 7, { generationId, memberId })).toBe(NONE);
    expect(await one.end(true)).toBe(NONE);
  });

  it('are refused to whoever was replaced, and to who is no member', async () => {
    const topic = await createTopic(client);
    const group = unique('group');
    const former = await producer();
    await former.addOffsets(group);
    const member = { generationId: 3, memberId: 'nobody' };
    const refused = await former.commitOffset(group, topic, 7, member);
    expect(refused).not.toBe(NONE);
    await producer(former.transactionalId);
    expect(await former.commitOffset(group, topic, 7)).toBe(ERROR.INVALID_PRODUCER_EPOCH);
  });
});

describe('kafkajs', () => {
  it('reads, writes and commits in one transaction', async () => {
    const [source, target] = [await createTopic(client), await createTopic(client)];
    const kafka = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING });
    const groupId = unique('group');
    const sender = kafka.producer({
      transactionalId: unique('id'),
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await sender.connect();
    const committed = await sender.transaction();
    await committed.send({ topic: target, messages: [{ value: 'one' }, { value: 'two' }] });
    await committed.sendOffsets({
      consumerGroupId: groupId,
      topics: [{ topic: source, partitions: [{ partition: 0, offset: '4' }] }],
    });
    await committed.commit();
    const aborted = await sender.transaction();
    await aborted.send({ topic: target, messages: [{ value: 'never' }] });
    await aborted.abort();
    const last = await sender.transaction();
    await last.send({ topic: target, messages: [{ value: 'three' }] });
    await last.commit();
    await sender.disconnect();
    await eventually(
      () => offsetOf(groupId, source, true),
      ({ committedOffset }) => committedOffset === 4,
    );
    const { values, consumer } = await committedValues(broker, target);
    await eventually(
      () => values,
      ({ length }) => length === 3,
    );
    expect(values).toEqual(['one', 'two', 'three']);
    await consumer.disconnect();
  }, 60_000);
});
