import { randomUUID } from 'node:crypto';

import { DeadLetterStore } from '../../../../src/delivery/persistence/dead-letter.store.js';
import { forget } from '../../../../src/delivery/persistence/forget.js';
import { PostgresCheckpointStore } from '../../../../src/delivery/persistence/postgres-checkpoint.store.js';
import { RedriveStore } from '../../../../src/delivery/persistence/redrive.store.js';
import { sweepDone } from '../../../../src/delivery/persistence/sweep-done.js';
import { eventually } from '../../../support/eventually.js';
import {
  checkpoint,
  dead,
  type DeliverySchema,
  end,
  freshPartitions,
  lane,
  NEW,
  openDeliverySchema,
  record,
  TOPIC_ID,
  waitingSessions,
} from './delivery-schema.js';

describe('all that goes on at once', () => {
  let schema: DeliverySchema;

  beforeAll(async () => {
    schema = await openDeliverySchema();
  });

  afterAll(() => schema.close());

  /** Runs something while a transaction of somebody else holds the rows that a query locks. */
  async function whileLocked(sql: string, parameters: unknown[], work: () => Promise<void>) {
    const runner = schema.dataSource.createQueryRunner();
    await runner.startTransaction();
    try {
      await runner.query(sql, parameters);
      await work();
    } finally {
      await runner.commitTransaction();
      await runner.release();
    }
  }

  const someoneWaits = () =>
    eventually(
      () => waitingSessions(schema.dataSource),
      (count) => count === 1,
    );

  const LOCK_FLOORS = `SELECT partition FROM partition_floors
    WHERE topic = $1 AND partition = ANY($2) FOR UPDATE`;

  it('locks floors in the order of their names: who waits for the first holds no other', async () => {
    const { dataSource } = schema;
    const store = new PostgresCheckpointStore(dataSource);
    const reversed = freshPartitions(4).toReversed();
    const { topic } = reversed[0]!;
    // One after the other, so that the rows do not happen to lie in the order of their names.
    for (const one of reversed) await store.claim([one]);
    for (const work of [
      () => store.write(reversed.map((one) => checkpoint(one, 1))),
      () => store.claim(reversed),
    ]) {
      let working: Promise<unknown> | undefined;
      await whileLocked(LOCK_FLOORS, [topic, [0]], async () => {
        working = work();
        await someoneWaits();
        const free = await dataSource.query(`${LOCK_FLOORS} NOWAIT`, [topic, [1, 2, 3]]);
        expect(free).toHaveLength(3);
      });
      await working;
    }
  });

  it('lets a resend wait for an owner that writes, before it touches what that may need', async () => {
    const { dataSource } = schema;
    const store = new PostgresCheckpointStore(dataSource);
    const partitions = freshPartitions(1);
    const uid = randomUUID();
    const { ownerEpoch } = (await store.claim(partitions))[0]!;
    await store.write([checkpoint(partitions[0]!, ownerEpoch, { writes: [dead(uid, 1)] })]);
    let resending: Promise<unknown> | undefined;
    await whileLocked(LOCK_FLOORS, [partitions[0]!.topic, [0]], async () => {
      resending = new RedriveStore(dataSource).resend(
        { id: randomUUID(), subscriptionUid: uid, type: 'resend' },
        [{ ...partitions[0]!, topicId: TOPIC_ID, offset: 1, orderKey: null, record: record() }],
      );
      await someoneWaits();
      const free = await dataSource.query(
        `SELECT 1 FROM exceptions WHERE subscription_uid = $1 FOR UPDATE NOWAIT`,
        [uid],
      );
      expect(free).toHaveLength(1);
    });
    expect(await resending).toMatchObject({ total: 1 });
  });

  it('lets a redrive pass over a dead letter that is being changed, rather than wait', async () => {
    const { dataSource } = schema;
    const store = new PostgresCheckpointStore(dataSource);
    const partitions = freshPartitions(1);
    const uid = randomUUID();
    const { ownerEpoch } = (await store.claim(partitions))[0]!;
    const writes = [dead(uid, 1), dead(uid, 2)];
    await store.write([checkpoint(partitions[0]!, ownerEpoch, { writes })]);
    const lock = `SELECT 1 FROM exceptions
      WHERE subscription_uid = $1 AND "offset" = 1 FOR UPDATE`;
    await whileLocked(lock, [uid], async () => {
      const operation = { id: randomUUID(), subscriptionUid: uid, type: 'redrive' } as const;
      expect(await new RedriveStore(dataSource).redrive(operation, null)).toMatchObject({
        total: 1,
      });
    });
  });

  it('locks nobody out, whatever the order in which rows are named', async () => {
    const { dataSource } = schema;
    const store = new PostgresCheckpointStore(dataSource);
    const redrives = new RedriveStore(dataSource);
    const deadLetters = new DeadLetterStore(dataSource);
    const partitions = freshPartitions(3);
    const offsets = Array.from({ length: 20 }, (_, offset) => offset);
    const uid = randomUUID();
    let operationIds: readonly string[] = [];

    const write = async (parts: typeof partitions, order: readonly number[], epoch: number) =>
      store.write(
        parts.map((one) =>
          checkpoint(one, epoch, {
            floor: 30,
            lanes: [lane(uid)],
            writes: order.map((offset) => dead(uid, offset)),
            ends: [end(uid, order[0]!, false), end(uid, order[1]!, true)],
            operations: operationIds.map((operationId) => ({
              operationId,
              delivered: 0,
              failed: 1,
              ...NEW,
            })),
          }),
        ),
      );
    const resent = partitions.flatMap((one) =>
      offsets.toReversed().map((offset) => ({
        ...one,
        topicId: TOPIC_ID,
        offset,
        orderKey: null,
        record: record(),
      })),
    );
    const removeFirst = async () => {
      const [first] = await deadLetters.list(uid, 1);
      if (first !== undefined) await deadLetters.remove(uid, first.id);
    };

    for (let round = 0; round < 6; round += 1) {
      const { ownerEpoch } = (await store.claim(partitions))[0]!;
      const ids = [randomUUID(), randomUUID()];
      await Promise.all([
        write(partitions, offsets, ownerEpoch),
        write(partitions.toReversed(), offsets.toReversed(), ownerEpoch),
        redrives.redrive({ id: ids[0]!, subscriptionUid: uid, type: 'redrive' }, null),
        redrives.resend({ id: ids[1]!, subscriptionUid: uid, type: 'resend' }, resent),
        removeFirst(),
        store.takeRedriven(partitions),
        sweepDone(dataSource),
        store.claim(partitions.toReversed()),
      ]);
      operationIds = [...ids, ...operationIds].toReversed();
    }
    await Promise.all([
      dataSource.transaction((manager) => forget(manager, uid)),
      store.claim(partitions),
      redrives.redrive({ id: randomUUID(), subscriptionUid: uid, type: 'redrive' }, null),
      store.takeRedriven(partitions),
    ]);
    const left = await dataSource.query(
      `SELECT 1 FROM exceptions WHERE subscription_uid = $1
       UNION ALL SELECT 1 FROM operations WHERE subscription_uid = $1`,
      [uid],
    );
    expect(left).toEqual([]);
  });
});
