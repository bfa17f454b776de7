/** Long because claims, fencing and taking redriven rows are told of the same partitions. */
import { randomUUID } from 'node:crypto';

import type { PartitionCheckpoint } from '../../../../src/delivery/core/checkpoint.js';
import { PostgresCheckpointStore } from '../../../../src/delivery/persistence/postgres-checkpoint.store.js';
import { RedriveStore } from '../../../../src/delivery/persistence/redrive.store.js';
import { eventually } from '../../../support/eventually.js';
import {
  checkpoint,
  claimOne,
  dead,
  end,
  freshPartitions,
  lane,
  openDeliverySchema,
  retry,
  TOPIC_ID,
  waitingSessions,
  type DeliverySchema,
} from './delivery-schema.js';

describe('a claim', () => {
  let schema: DeliverySchema;
  let store: PostgresCheckpointStore;

  beforeAll(async () => {
    schema = await openDeliverySchema();
    store = new PostgresCheckpointStore(schema.dataSource);
  });

  afterAll(() => schema.close());

  /** Claims a partition and writes something of it. */
  async function written(more: Partial<PartitionCheckpoint>) {
    const [partition] = freshPartitions(1);
    const { ownerEpoch } = await claimOne(store, partition!);
    await store.write([checkpoint(partition!, ownerEpoch, more)]);
    return { partition: partition!, ownerEpoch };
  }

  const offsetsOf = (exceptions: readonly { readonly offset: number }[]) =>
    exceptions.map(({ offset }) => offset);

  it('of a partition that nobody owned finds nothing, and raises its epoch each time', async () => {
    const [partition] = freshPartitions(1);
    const first = await claimOne(store, partition!);
    expect(first).toEqual({
      ...partition,
      ownerEpoch: 1,
      stored: undefined,
      lanes: [],
      exceptions: [],
      counts: new Map(),
    });
    expect(await claimOne(store, partition!)).toEqual({ ...first, ownerEpoch: 2 });
  });

  it('gives every one of many claimants at once an epoch of its own', async () => {
    const partitions = freshPartitions(3);
    const stores = Array.from({ length: 5 }, () => new PostgresCheckpointStore(schema.dataSource));
    const claims = await Promise.all(
      stores.map((one, index) => one.claim(index % 2 === 0 ? partitions : partitions.toReversed())),
    );
    for (const { partition } of partitions) {
      const epochs = claims.map(
        (claimed) => claimed.find((one) => one.partition === partition)!.ownerEpoch,
      );
      expect(epochs.toSorted()).toEqual([1, 2, 3, 4, 5]);
      const written_ = await Promise.all(
        epochs.map((epoch) =>
          store.write([checkpoint(partitions[partition]!, epoch, { floor: epoch })]),
        ),
      );
      expect(written_.filter((refused) => refused.length === 0)).toHaveLength(1);
    }
    const after = await store.claim(partitions);
    expect(after.map(({ stored }) => stored?.floor)).toEqual([5, 5, 5]);
  });

  it('finds all exceptions but the dead ones that nobody reads again', async () => {
    const behind = randomUUID();
    const live = randomUUID();
    const { partition } = await written({
      floor: 50,
      lanes: [lane(live), lane(behind, { fromOffset: 20, reason: 'full' })],
      writes: [
        dead(live, 10),
        retry(live, 11),
        retry(live, 12, { state: 'parked', due: null, record: null }),
        retry(live, 13),
        dead(live, 50),
        dead(behind, 15),
        dead(behind, 20),
        dead(behind, 60),
        retry(live, 99, { topicId: 'former' }),
        dead(live, 98, { topicId: 'former' }),
      ],
      ends: [end(live, 13, false)],
    });
    const { exceptions, counts, lanes } = await claimOne(store, partition);
    expect(exceptions.map(({ offset, state }) => [offset, state])).toEqual([
      [11, 'retry'],
      [12, 'parked'],
      [13, 'done'],
      [20, 'dead'],
      [50, 'dead'],
      [60, 'dead'],
      [99, 'retry'],
    ]);
    expect(exceptions[0]).toEqual({
      subscriptionUid: live,
      ...partition,
      topicId: TOPIC_ID,
      offset: 11,
      state: 'retry',
      orderKey: null,
      attempts: 1,
      due: retry(live, 11).due,
      operationId: null,
    });
    expect(counts).toEqual(
      new Map([
        [live, 6],
        [behind, 3],
      ]),
    );
    expect(lanes).toHaveLength(2);
    const others = freshPartitions(1);
    expect(await store.counts([live], [others[0]!, partition])).toEqual([[0, 6]]);
    expect(await store.counts([randomUUID(), live], [partition])).toEqual([[0], [6]]);
  });

  it('waits for the former owner that is writing, and finds what it wrote', async () => {
    const { partition, ownerEpoch } = await written({ floor: 1 });
    const runner = schema.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`SELECT 1 FROM partition_floors WHERE topic = $1 FOR UPDATE`, [
      partition.topic,
    ]);
    const claiming = store.claim([partition]);
    await eventually(
      () => waitingSessions(schema.dataSource),
      (count) => count === 1,
    );
    await runner.query(`UPDATE partition_floors SET floor = 2 WHERE topic = $1`, [partition.topic]);
    await runner.commitTransaction();
    await runner.release();
    expect(await claiming).toMatchObject([{ ownerEpoch: ownerEpoch + 1, stored: { floor: 2 } }]);
  });

  it('refuses the former owner whose write waited for it', async () => {
    const { partition, ownerEpoch } = await written({ floor: 1 });
    const uid = randomUUID();
    const runner = schema.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(
      `UPDATE partition_floors SET owner_epoch = owner_epoch + 1 WHERE topic = $1`,
      [partition.topic],
    );
    const alone = store.write([checkpoint(partition, ownerEpoch, { floor: 8 })]);
    const more = store.write([
      checkpoint(partition, ownerEpoch, { floor: 9, writes: [retry(uid, 1)] }),
    ]);
    await eventually(
      () => waitingSessions(schema.dataSource),
      (count) => count === 2,
    );
    await runner.commitTransaction();
    await runner.release();
    expect(await alone).toEqual([partition]);
    expect(await more).toEqual([partition]);
    expect(await claimOne(store, partition)).toMatchObject({
      stored: { floor: 1 },
      exceptions: [],
    });
  });

  describe('takes what is redriven', () => {
    const redrive = async (uid: string) =>
      new RedriveStore(schema.dataSource).redrive(
        { id: randomUUID(), subscriptionUid: uid, type: 'redrive' },
        null,
      );

    it('once, in the order of offsets, and only from partitions that were asked for', async () => {
      const uid = randomUUID();
      const { partition } = await written({
        floor: 10,
        writes: [dead(uid, 5), dead(uid, 3), dead(uid, 4, { topicId: 'former' })],
      });
      expect(await store.takeRedriven([partition])).toEqual([]);
      await redrive(uid);
      expect(await store.takeRedriven(freshPartitions(1))).toEqual([]);
      const taken = await store.takeRedriven([partition]);
      expect(offsetsOf(taken)).toEqual([3, 4, 5]);
      expect(taken[0]).toMatchObject({ ...partition, state: 'redrive', attempts: 0 });
      expect(await store.takeRedriven([partition])).toEqual([]);
    });

    it('with the claim itself, when it was made before', async () => {
      const uid = randomUUID();
      const { partition } = await written({ floor: 10, writes: [dead(uid, 5)] });
      await redrive(uid);
      expect((await claimOne(store, partition)).exceptions).toMatchObject([
        { offset: 5, state: 'redrive' },
      ]);
      expect(await store.takeRedriven([partition])).toEqual([]);
      expect((await claimOne(store, partition)).exceptions).toHaveLength(1);
    });

    it('never for a former owner', async () => {
      const uid = randomUUID();
      const { partition } = await written({ floor: 10, writes: [dead(uid, 5)] });
      const next = new PostgresCheckpointStore(schema.dataSource);
      await claimOne(next, partition);
      await redrive(uid);
      expect(await store.takeRedriven([partition])).toEqual([]);
      expect(offsetsOf(await next.takeRedriven([partition]))).toEqual([5]);
    });

    it('for the new owner alone, when the former one asks during the claim', async () => {
      const uid = randomUUID();
      const { partition } = await written({ floor: 10, writes: [dead(uid, 5)] });
      const runner = schema.dataSource.createQueryRunner();
      await runner.startTransaction();
      await runner.query(
        `UPDATE partition_floors SET owner_epoch = owner_epoch + 1 WHERE topic = $1`,
        [partition.topic],
      );
      await redrive(uid);
      const asked = store.takeRedriven([partition]);
      await eventually(
        () => waitingSessions(schema.dataSource),
        (count) => count === 1,
      );
      await runner.commitTransaction();
      await runner.release();
      expect(await asked).toEqual([]);
      expect((await claimOne(store, partition)).exceptions).toMatchObject([{ state: 'redrive' }]);
    });

    it('again, when the answer was lost, but for what is written otherwise by then', async () => {
      const uid = randomUUID();
      const { partition, ownerEpoch } = await written({
        floor: 10,
        writes: [dead(uid, 5), dead(uid, 6)],
      });
      await redrive(uid);
      const { manager } = schema.dataSource;
      const failing = Object.create(manager, {
        query: {
          value: async (...parts: Parameters<typeof manager.query>) => {
            await manager.query(...parts);
            throw new Error('Connection terminated');
          },
        },
      });
      Object.assign(schema.dataSource, { manager: failing });
      try {
        await expect(store.takeRedriven([partition])).rejects.toThrow('terminated');
      } finally {
        Object.assign(schema.dataSource, { manager });
      }
      await store.write([checkpoint(partition, ownerEpoch, { writes: [retry(uid, 6)] })]);
      expect(offsetsOf(await store.takeRedriven([partition]))).toEqual([5]);
      expect(await store.takeRedriven([partition])).toEqual([]);
    });

    it('and leaves it alone until then, whatever its owner writes in ignorance', async () => {
      const uid = randomUUID();
      const { partition, ownerEpoch } = await written({ floor: 10, writes: [dead(uid, 5)] });
      await redrive(uid);
      const late = { writes: [dead(uid, 5)], ends: [end(uid, 5, true), end(uid, 5, false)] };
      await store.write([checkpoint(partition, ownerEpoch, { floor: 10, ...late })]);
      const taken = await store.takeRedriven([partition]);
      expect(taken).toMatchObject([{ offset: 5, state: 'redrive', attempts: 0 }]);
      await store.write([checkpoint(partition, ownerEpoch, { floor: 10, ...late })]);
      expect((await claimOne(store, partition)).exceptions).toEqual([]);
    });
  });
});
