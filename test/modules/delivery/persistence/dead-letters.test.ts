import { randomUUID } from 'node:crypto';

import type { PartitionCheckpoint } from '../../../../src/delivery/core/checkpoint.js';
import { DeadLetterStore } from '../../../../src/delivery/persistence/dead-letter.store.js';
import type { DeadLetterSummary } from '../../../../src/kafka/contracts/delivery-shapes.js';
import { PostgresCheckpointStore } from '../../../../src/delivery/persistence/postgres-checkpoint.store.js';
import { ProgressStore } from '../../../../src/delivery/persistence/progress.store.js';
import { sweepDone } from '../../../../src/delivery/persistence/sweep-done.js';
import {
  checkpoint,
  claimOne,
  dead,
  end,
  freshPartitions,
  lane,
  openDeliverySchema,
  record,
  retry,
  TOPIC_ID,
  type DeliverySchema,
} from './delivery-schema.js';

describe('what a subscription keeps', () => {
  let schema: DeliverySchema;
  let store: PostgresCheckpointStore;
  let deadLetters: DeadLetterStore;

  beforeAll(async () => {
    schema = await openDeliverySchema();
    store = new PostgresCheckpointStore(schema.dataSource);
    deadLetters = new DeadLetterStore(schema.dataSource);
  });

  afterAll(() => schema.close());

  /** A partition of a claim of its own, in which something was written. */
  async function written(more: Partial<PartitionCheckpoint>) {
    const [partition] = freshPartitions(1);
    const { ownerEpoch } = await claimOne(store, partition!);
    const write = (next: Partial<PartitionCheckpoint>) =>
      store.write([checkpoint(partition!, ownerEpoch, next)]);
    await write(more);
    return { partition: partition!, write };
  }

  const firstOf = async (uid: string) => (await deadLetters.list(uid, 1))[0]!.id;

  const after = (uid: string, { id, deadAt }: DeadLetterSummary) =>
    deadLetters.list(uid, 2, { id, deadAt: new Date(deadAt) });

  const statesOf = async (uid: string) => {
    const rows = await schema.dataSource.query<{ offset: string; state: string }[]>(
      `SELECT "offset", state FROM exceptions WHERE subscription_uid = $1 ORDER BY "offset"`,
      [uid],
    );
    return rows.map(({ offset, state }) => [Number(offset), state]);
  };

  it('lists dead letters in pages, oldest first, without their events', async () => {
    const uid = randomUUID();
    await written({
      writes: [dead(uid, 7), retry(uid, 8), dead(uid, 3), dead(randomUUID(), 9), dead(uid, 5)],
    });
    const first = await deadLetters.list(uid, 2);
    expect(first).toEqual([
      {
        id: expect.stringMatching(/^\d+$/),
        messageId: 'msg_7',
        eventId: 'event-7',
        source: '/test',
        type: 'test.happened',
        key: 'a\0key',
        partition: 0,
        offset: 7,
        attempts: 5,
        deadAt: expect.stringMatching(/Z$/),
        error: dead(uid, 7).error,
      },
      expect.objectContaining({ offset: 3 }),
    ]);
    expect(await after(uid, first[1]!)).toMatchObject([{ offset: 5 }]);
  });

  it('lists one that took long to die behind those that died before it', async () => {
    const uid = randomUUID();
    const { write } = await written({ writes: [retry(uid, 1), dead(uid, 2), dead(uid, 3)] });
    const first = await deadLetters.list(uid, 2);
    expect(first).toMatchObject([{ offset: 2 }, { offset: 3 }]);
    await write({ writes: [dead(uid, 1)] });
    expect(await after(uid, first[1]!)).toMatchObject([{ offset: 1 }]);
  });

  it('gives one dead letter with its event and its place', async () => {
    const uid = randomUUID();
    const { partition } = await written({ writes: [dead(uid, 7)] });
    const [summary] = await deadLetters.list(uid, 1);
    expect(await deadLetters.find(uid, summary!.id)).toEqual({
      summary,
      place: { ...partition, topicId: TOPIC_ID, offset: 7 },
      record: record(),
    });
    expect(await deadLetters.find(randomUUID(), summary!.id)).toBeUndefined();
  });

  it.each(['', '0', '-1', '1.5', 'abc', '99999999999999999999'])(
    'has no dead letter with the id %p',
    async (id) => {
      expect(await deadLetters.find(randomUUID(), id)).toBeUndefined();
      expect(await deadLetters.remove(randomUUID(), id)).toBe(false);
    },
  );

  it('removes a dead letter once, and the row with it where nobody reads the event again', async () => {
    const uid = randomUUID();
    await written({ floor: 8, writes: [dead(uid, 7), retry(uid, 6)] });
    const id = await firstOf(uid);
    expect(await deadLetters.remove(randomUUID(), id)).toBe(false);
    expect(await deadLetters.remove(uid, id)).toBe(true);
    expect(await deadLetters.remove(uid, id)).toBe(false);
    expect(await statesOf(uid)).toEqual([[6, 'retry']]);
  });

  it('keeps a removed dead letter as done while floor or lane are yet to pass it', async () => {
    const ahead = randomUUID();
    const behind = randomUUID();
    const { write } = await written({
      floor: 7,
      lanes: [lane(behind, { fromOffset: 3, reason: 'full' })],
      writes: [dead(ahead, 7), dead(behind, 5)],
    });
    for (const uid of [ahead, behind])
      expect(await deadLetters.remove(uid, await firstOf(uid))).toBe(true);
    await sweepDone(schema.dataSource);
    expect(await statesOf(ahead)).toEqual([[7, 'done']]);
    expect(await statesOf(behind)).toEqual([[5, 'done']]);
    await write({ floor: 8, lanes: [lane(behind, { fromOffset: 6, reason: 'full' })] });
    await sweepDone(schema.dataSource);
    expect([...(await statesOf(ahead)), ...(await statesOf(behind))]).toEqual([]);
  });

  it('sweeps rows of settled events alone, and those of former incarnations of the topic', async () => {
    const uid = randomUUID();
    await written({
      floor: 10,
      writes: [retry(uid, 1), retry(uid, 2), retry(uid, 11), retry(uid, 99, { topicId: 'former' })],
      ends: [
        end(uid, 2, false),
        end(uid, 11, false),
        { ...end(uid, 99, false), topicId: 'former' },
      ],
    });
    await sweepDone(schema.dataSource);
    expect(await statesOf(uid)).toEqual([
      [1, 'retry'],
      [11, 'done'],
    ]);
  });

  it('counts rows by what they wait for, and tells where floor and lane stand', async () => {
    const [uid, live] = [randomUUID(), randomUUID()];
    const progress = new ProgressStore(schema.dataSource);
    const { partition } = await written({
      floor: 10,
      lanes: [lane(uid, { fromOffset: 4, reason: 'breaker' }), lane(live)],
      writes: [
        retry(uid, 1),
        retry(uid, 2, { state: 'redrive' }),
        retry(uid, 3, { state: 'parked' }),
        dead(uid, 4),
        dead(uid, 5),
        dead(uid, 6),
        retry(uid, 7),
      ],
      ends: [end(uid, 7, false)],
    });
    await claimOne(store, { ...partition, partition: 1 });
    expect(await progress.exceptions(uid)).toEqual({ retrying: 2, parked: 1, deadLetters: 3 });
    const at = { partition: 0, topicId: TOPIC_ID, floor: 10 };
    expect(await progress.partitions(uid, partition.topic)).toEqual([
      { ...at, behind: { fromOffset: 4, reason: 'breaker' } },
    ]);
    expect(await progress.partitions(live, partition.topic)).toEqual([{ ...at, behind: null }]);
    expect(await progress.partitions(randomUUID(), partition.topic)).toEqual([]);
  });
});
