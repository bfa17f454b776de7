import { randomUUID } from 'node:crypto';

import { findOrphans, forget, removeRows } from '../../../../src/delivery/persistence/forget.js';
import { PostgresCheckpointStore } from '../../../../src/delivery/persistence/postgres-checkpoint.store.js';
import { RedriveStore } from '../../../../src/delivery/persistence/redrive.store.js';
import { eventually } from '../../../support/eventually.js';
import {
  checkpoint,
  claimOne,
  dead,
  freshPartitions,
  lane,
  openDeliverySchema,
  record,
  retry,
  TOPIC_ID,
  waitingSessions,
  type DeliverySchema,
} from './delivery-schema.js';

describe('a deleted subscription', () => {
  let schema: DeliverySchema;
  let store: PostgresCheckpointStore;

  beforeAll(async () => {
    schema = await openDeliverySchema();
    store = new PostgresCheckpointStore(schema.dataSource);
  });

  afterAll(() => schema.close());

  const tables = ['lanes', 'exceptions', 'gaps', 'operations'];

  /** Rows per table, in the order of `tables`. */
  const rowsOf = async (uid: string) => {
    const counts = tables.map(
      (table) =>
        `(SELECT count(*)::int FROM ${table} WHERE subscription_uid = '${uid}') AS ${table}`,
    );
    const [row] = await schema.dataSource.query<[Record<string, number>]>(
      `SELECT ${counts.join(', ')}`,
    );
    return tables.map((table) => row[table]);
  };

  /** A subscription with rows in every table, and a way to write them all again. */
  async function subscription() {
    const uid = randomUUID();
    const [partition] = freshPartitions(1);
    const { ownerEpoch } = await claimOne(store, partition!);
    const gap = { reason: 'expired', topicId: TOPIC_ID, from: 0, to: 1 } as const;
    const write = (...uids: readonly string[]) =>
      store.write([
        checkpoint(partition!, ownerEpoch, {
          lanes: uids.map((one) => lane(one)),
          writes: uids.flatMap((one) => [dead(one, 1), retry(one, 2)]),
          gaps: uids.map((one) => ({ subscriptionUid: one, gap })),
        }),
      ]);
    const begin = () =>
      new RedriveStore(schema.dataSource).redrive(
        { id: randomUUID(), subscriptionUid: uid, type: 'redrive' },
        null,
      );
    await write(uid);
    await begin();
    return { uid, partition: partition!, write, begin };
  }

  const forgetIt = (uid: string) =>
    schema.dataSource.transaction((manager) => forget(manager, uid));

  it('leaves no rows, and takes none of another one with it', async () => {
    const { uid, write } = await subscription();
    const other = randomUUID();
    await write(uid, other);
    expect(await rowsOf(uid)).toEqual([1, 2, 1, 1]);
    await forgetIt(uid);
    await forgetIt(uid);
    expect(await rowsOf(uid)).toEqual([0, 0, 0, 0]);
    expect(await rowsOf(other)).toEqual([1, 2, 1, 0]);
  });

  it('with more rows than one statement removes leaves none', async () => {
    const uid = randomUUID();
    const [partition] = freshPartitions(1);
    const { ownerEpoch } = await claimOne(store, partition!);
    const writes = Array.from({ length: 2_500 }, (_, offset) =>
      retry(uid, offset, { record: null }),
    );
    await store.write([checkpoint(partition!, ownerEpoch, { writes })]);
    await forgetIt(uid);
    expect(await rowsOf(uid)).toEqual([0, 0, 0, 0]);
  });

  it('does not come back by an owner that has not heard of it, while the others are stored', async () => {
    const { uid, write, begin, partition } = await subscription();
    const other = randomUUID();
    await forgetIt(uid);
    expect(await write(uid, other)).toEqual([]);
    expect(await begin()).toBeUndefined();
    const resent = await new RedriveStore(schema.dataSource).resend(
      { id: randomUUID(), subscriptionUid: uid, type: 'resend' },
      [{ ...partition, topicId: TOPIC_ID, offset: 7, orderKey: null, record: record() }],
    );
    expect(resent).toBeUndefined();
    expect(await rowsOf(uid)).toEqual([0, 0, 0, 0]);
    expect(await rowsOf(other)).toEqual([1, 2, 1, 0]);
  });

  it('does not come back by a write that was under way, nor by one that came meanwhile', async () => {
    const { uid, write, begin } = await subscription();
    const runner = schema.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`SELECT 1 FROM lanes WHERE subscription_uid = $1 FOR UPDATE`, [uid]);
    const writing = write(uid);
    await eventually(
      () => waitingSessions(schema.dataSource),
      (count) => count === 1,
    );
    const forgetting = forgetIt(uid);
    await eventually(
      () => waitingSessions(schema.dataSource),
      (count) => count === 2,
    );
    const asked = begin();
    await eventually(
      () => waitingSessions(schema.dataSource),
      (count) => count === 3,
    );
    await runner.commitTransaction();
    await runner.release();
    await Promise.all([writing, forgetting]);
    expect(await asked).toBeUndefined();
    expect(await rowsOf(uid)).toEqual([0, 0, 0, 0]);
  });

  it('is remembered for a day', async () => {
    const { uid } = await subscription();
    await forgetIt(uid);
    const remembered = () =>
      schema.dataSource.query(`SELECT 1 FROM deleted_subscriptions WHERE uid = $1`, [uid]);
    await forgetIt(randomUUID());
    expect(await remembered()).toHaveLength(1);
    await schema.dataSource.query(
      `UPDATE deleted_subscriptions SET deleted_at = now() - interval '25 hours' WHERE uid = $1`,
      [uid],
    );
    await forgetIt(randomUUID());
    expect(await remembered()).toEqual([]);
  });

  it('comes to nothing when the transaction that forgets it is undone', async () => {
    const { uid, write } = await subscription();
    const undone = schema.dataSource.transaction(async (manager) => {
      await forget(manager, uid);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await write(uid);
    expect(await rowsOf(uid)).toEqual([1, 2, 1, 1]);
  });

  it('that nobody told of is found, and can be dropped', async () => {
    const known = await subscription();
    const orphan = await subscription();
    const found = async () => {
      const all = await findOrphans(schema.dataSource.manager, [known.uid]);
      expect(all.map(({ uid }) => uid)).not.toContain(known.uid);
      return all.filter(({ uid }) => uid === orphan.uid);
    };
    expect(await found()).toEqual([
      { uid: orphan.uid, deadLetters: 0, otherExceptions: 2, lanes: 1, gaps: 1, operations: 1 },
    ]);
    await schema.dataSource.query(
      `UPDATE exceptions SET state = 'dead' WHERE subscription_uid = $1 AND "offset" = 1`,
      [orphan.uid],
    );
    expect(await found()).toMatchObject([{ deadLetters: 1, otherExceptions: 1 }]);
    await schema.dataSource.transaction((manager) => removeRows(manager, orphan.uid));
    expect(await rowsOf(orphan.uid)).toEqual([0, 0, 0, 0]);
    expect(await rowsOf(known.uid)).toEqual([1, 2, 1, 1]);
    expect(await found()).toEqual([]);
  });
});
