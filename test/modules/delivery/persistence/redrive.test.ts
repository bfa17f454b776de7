import { randomUUID } from 'node:crypto';

import type { PartitionCheckpoint } from '../../../../src/delivery/core/checkpoint.js';
import { DeadLetterStore } from '../../../../src/delivery/persistence/dead-letter.store.js';
import { OperationStore } from '../../../../src/delivery/persistence/operation.store.js';
import { PostgresCheckpointStore } from '../../../../src/delivery/persistence/postgres-checkpoint.store.js';
import { RedriveStore } from '../../../../src/delivery/persistence/redrive.store.js';
import {
  checkpoint,
  claimOne,
  dead,
  type DeliverySchema,
  end,
  freshPartitions,
  NEW,
  openDeliverySchema,
  record,
  retry,
  TOPIC_ID,
} from './delivery-schema.js';

describe('an operation', () => {
  let schema: DeliverySchema;
  let store: PostgresCheckpointStore;
  let redrives: RedriveStore;
  let operations: OperationStore;

  beforeAll(async () => {
    schema = await openDeliverySchema();
    store = new PostgresCheckpointStore(schema.dataSource);
    redrives = new RedriveStore(schema.dataSource);
    operations = new OperationStore(schema.dataSource);
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

  const redriveOf = (subscriptionUid: string) =>
    ({ id: randomUUID(), subscriptionUid, type: 'redrive' }) as const;

  const takenOffsets = async (partition: { topic: string; partition: number }) =>
    (await store.takeRedriven([partition])).map(({ offset }) => offset);

  it('redrives all dead letters of a subscription with all their attempts, and keeps the error', async () => {
    const uid = randomUUID();
    const other = randomUUID();
    const { partition } = await written({
      writes: [dead(uid, 1), dead(uid, 2), retry(uid, 3), dead(other, 4)],
    });
    const operation = redriveOf(uid);
    const begun = Date.now();
    const state = await redrives.redrive(operation, null);
    expect(state).toEqual({
      ...operation,
      status: 'running',
      total: 2,
      delivered: 0,
      failed: 0,
      createdAt: expect.stringMatching(/Z$/),
      finishedAt: null,
    });
    expect(await operations.find(operation.id)).toEqual(state);
    const taken = await store.takeRedriven([partition]);
    expect(taken).toMatchObject([
      { offset: 1, attempts: 0, operationId: operation.id },
      { offset: 2, attempts: 0, operationId: operation.id },
    ]);
    expect(taken[0]!.due).toBeGreaterThanOrEqual(begun);
    expect(taken[0]!.due).toBeLessThanOrEqual(Date.now());
    expect(await store.records(partition, taken)).toEqual([record(), record()]);
    const errors = await schema.dataSource.query(
      `SELECT error FROM exceptions WHERE operation_id = $1`,
      [operation.id],
    );
    expect(errors).toEqual([{ error: dead(uid, 1).error }, { error: dead(uid, 2).error }]);
    expect(await new DeadLetterStore(schema.dataSource).list(uid, 10)).toEqual([]);
  });

  it('redrives chosen ids, and passes over what is none of its dead letters', async () => {
    const uid = randomUUID();
    const other = randomUUID();
    const { partition } = await written({ writes: [dead(uid, 1), dead(uid, 2), dead(other, 3)] });
    const list = new DeadLetterStore(schema.dataSource);
    const [, second] = await list.list(uid, 10);
    const [foreign] = await list.list(other, 10);
    const ids = [second!.id, second!.id, foreign!.id, '999999999', 'nonsense'];
    expect(await redrives.redrive(redriveOf(uid), ids)).toMatchObject({ total: 1 });
    expect(await takenOffsets(partition)).toEqual([2]);
  });

  it('redrives what a predicate lets through, judged over several pages', async () => {
    const uid = randomUUID();
    const { partition } = await written({
      writes: Array.from({ length: 120 }, (_, offset) => dead(uid, offset)),
    });
    const judged: number[] = [];
    const state = await redrives.redrive(redriveOf(uid), (kept, { offset, topic, topicId }) => {
      expect(kept).toEqual(record());
      expect([topic, topicId]).toEqual([partition.topic, TOPIC_ID]);
      judged.push(offset);
      return offset % 40 === 0;
    });
    expect(judged).toHaveLength(120);
    expect(state).toMatchObject({ total: 3, status: 'running' });
    expect(await takenOffsets(partition)).toEqual([0, 40, 80]);
  });

  it('begins once, however often and at once it is asked for', async () => {
    const uid = randomUUID();
    const { partition, write } = await written({ writes: [dead(uid, 1), dead(uid, 2)] });
    const operation = redriveOf(uid);
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => redrives.redrive(operation, null)),
    );
    expect(answers.map((answer) => answer?.total)).toEqual([2, 2, 2, 2]);
    expect(await takenOffsets(partition)).toEqual([1, 2]);
    await write({ writes: [dead(uid, 1)] });
    expect(await redrives.redrive(operation, null)).toEqual(answers[0]);
    expect(await takenOffsets(partition)).toEqual([]);
  });

  it('about nothing is finished at once', async () => {
    expect(await redrives.redrive(redriveOf(randomUUID()), null)).toMatchObject({
      total: 0,
      status: 'done',
      finishedAt: expect.stringMatching(/Z$/),
    });
    expect(await redrives.resend({ ...redriveOf(randomUUID()), type: 'resend' }, [])).toMatchObject(
      { type: 'resend', total: 0, status: 'done' },
    );
    expect(await operations.find('unknown')).toBeUndefined();
  });

  it('is finished when all its events are delivered or dead again, in whatever partition', async () => {
    const uid = randomUUID();
    const partitions = freshPartitions(2);
    const claimed = await store.claim(partitions);
    const write = (steps: readonly (readonly [delivered: number, failed: number])[]) =>
      store.write(
        claimed.map((one, index) => {
          const [delivered, failed] = steps[index]!;
          return checkpoint(one, one.ownerEpoch, {
            operations: [{ operationId: operation.id, delivered, failed, ...NEW }],
          });
        }),
      );
    const operation = redriveOf(uid);
    await store.write(
      claimed.map((one) =>
        checkpoint(one, one.ownerEpoch, { writes: [dead(uid, 1), dead(uid, 2)] }),
      ),
    );
    await redrives.redrive(operation, null);
    await write([
      [1, 0],
      [1, 1],
    ]);
    const running = await operations.find(operation.id);
    expect(running).toMatchObject({ status: 'running', total: 4, delivered: 2, failed: 1 });
    await write([
      [0, 0],
      [0, 1],
    ]);
    const done = await operations.find(operation.id);
    expect(done).toMatchObject({ status: 'done', delivered: 2, failed: 2 });
    expect(done!.finishedAt).not.toBeNull();
  });

  it('counts each event once, though an answer was lost and its step is written again', async () => {
    const uid = randomUUID();
    const [partition] = freshPartitions(1);
    const { ownerEpoch } = await claimOne(store, partition!);
    const write = (sequence: number, more: Parameters<typeof checkpoint>[2]) =>
      store.write([checkpoint(partition!, ownerEpoch, { sequence, ...more })]);
    const operation = redriveOf(uid);
    await write(1, { writes: [dead(uid, 1), dead(uid, 2)] });
    await redrives.redrive(operation, null);
    const step = (since: number) => ({ operationId: operation.id, delivered: 1, failed: 0, since });
    await write(2, { operations: [step(2)] });
    await write(3, { operations: [step(2)] });
    const running = { status: 'running', delivered: 1 };
    expect(await operations.find(operation.id)).toMatchObject(running);
    await write(4, { operations: [step(2), step(4)] });
    expect(await operations.find(operation.id)).toMatchObject({ status: 'done', delivered: 2 });
  });

  describe('that resends', () => {
    const chosen = (partition: { topic: string; partition: number }, offset: number) => ({
      ...partition,
      topicId: TOPIC_ID,
      offset,
      orderKey: Buffer.from('key'),
      record: record(offset),
    });
    const resendOf = (uid: string) => ({ ...redriveOf(uid), type: 'resend' }) as const;

    it('sends events that were delivered, dead or settled, and leaves those that are to be sent', async () => {
      const uid = randomUUID();
      const { partition } = await written({
        writes: [
          retry(uid, 2),
          dead(uid, 3),
          retry(uid, 4),
          retry(uid, 5, { state: 'parked', record: null }),
        ],
        ends: [end(uid, 4, false)],
      });
      const operation = resendOf(uid);
      const records = [1, 2, 3, 4, 5, 1].map((offset) => chosen(partition, offset));
      expect(await redrives.resend(operation, records)).toMatchObject({
        type: 'resend',
        total: 3,
        status: 'running',
      });
      const taken = await store.takeRedriven([partition]);
      expect(taken).toMatchObject(
        [1, 3, 4].map((offset) => ({
          offset,
          state: 'redrive',
          attempts: 0,
          orderKey: Buffer.from('key'),
          operationId: operation.id,
        })),
      );
      expect(await store.records(partition, taken)).toEqual([record(1), record(3), record(4)]);
      expect(await redrives.resend(operation, records)).toMatchObject({ total: 3 });
      expect(await redrives.resend(resendOf(uid), records)).toMatchObject({ total: 0 });
    });

    it('works for a partition that nobody owned yet', async () => {
      const uid = randomUUID();
      const [partition] = freshPartitions(1);
      await redrives.resend(resendOf(uid), [chosen(partition!, 7)]);
      expect((await claimOne(store, partition!)).exceptions).toMatchObject([
        { offset: 7, state: 'redrive' },
      ]);
    });
  });
});
