/** Long because each statement of a checkpoint has its story, and they share their rows. */
import { randomUUID } from 'node:crypto';

import { PostgresCheckpointStore } from '../../../../src/delivery/persistence/postgres-checkpoint.store.js';
import {
  checkpoint,
  claimOne,
  dead,
  type DeliverySchema,
  end,
  freshPartitions,
  lane,
  NEW,
  openDeliverySchema,
  record,
  retry,
  TOPIC_ID,
} from './delivery-schema.js';

describe('a checkpoint', () => {
  let schema: DeliverySchema;
  let store: PostgresCheckpointStore;

  beforeAll(async () => {
    schema = await openDeliverySchema();
    store = new PostgresCheckpointStore(schema.dataSource);
  });

  afterAll(() => schema.close());

  const rowsOf = (uid: string) =>
    schema.dataSource.query<Record<string, unknown>[]>(
      `SELECT "offset"::int AS "offset", state, attempts, due, taken, topic_id, operation_id, error,
         record_value IS NOT NULL AS kept, dead_at IS NOT NULL AS died, summary
       FROM exceptions WHERE subscription_uid = $1 ORDER BY "offset"`,
      [uid],
    );

  /** A claimed partition, a subscription, and a way to write for both. */
  async function owned() {
    const [partition] = freshPartitions(1);
    const { ownerEpoch } = await claimOne(store, partition!);
    return {
      partition: partition!,
      uid: randomUUID(),
      write: (more: Parameters<typeof checkpoint>[2]) =>
        store.write([checkpoint(partition!, ownerEpoch, more)]),
    };
  }

  it('stores floors alone, of several partitions and whatever they were before', async () => {
    const partitions = freshPartitions(3);
    const claimed = await store.claim(partitions);
    const all = (floor: number) =>
      claimed.map((one) => checkpoint(one, one.ownerEpoch, { floor: floor + one.partition }));
    expect(await store.write(all(100))).toEqual([]);
    expect(await store.write(all(50).toReversed())).toEqual([]);
    const again = await store.claim(partitions);
    expect(again.map(({ partition, stored }) => [partition, stored])).toEqual(
      partitions.map(({ partition }) => [
        partition,
        { topicId: TOPIC_ID, floor: 50 + partition, leaderEpoch: 0 },
      ]),
    );
  });

  it('of a former owner changes nothing at all, while the others beside it are stored', async () => {
    const [taken, kept] = freshPartitions(2);
    const uid = randomUUID();
    const [mine] = await store.claim([taken!, kept!]);
    await store.write([checkpoint(taken!, mine!.ownerEpoch, { writes: [retry(uid, 1)] })]);
    await new PostgresCheckpointStore(schema.dataSource).claim([taken!]);
    const news = {
      floor: 77,
      retire: { fromOffset: 0, as: 'former' },
      lanes: [lane(uid)],
      writes: [dead(uid, 2)],
      ends: [end(uid, 1, true)],
      shifts: [{ subscriptionUid: uid, byMs: 1000, ...NEW }],
      gaps: [
        { subscriptionUid: uid, gap: { reason: 'expired', topicId: TOPIC_ID, from: 1, to: 2 } },
      ] as const,
    };
    const refused = await store.write([
      checkpoint(taken!, mine!.ownerEpoch, news),
      checkpoint(kept!, mine!.ownerEpoch, { floor: 88, writes: [retry(uid, 9)] }),
    ]);
    expect(refused).toEqual([taken]);
    expect(await store.write([checkpoint(taken!, mine!.ownerEpoch, { floor: 5 })])).toEqual([
      taken,
    ]);
    const [first, second] = await store.claim([taken!, kept!]);
    expect(first).toMatchObject({ lanes: [], stored: { floor: 0 } });
    expect(first!.exceptions).toMatchObject([
      { offset: 1, state: 'retry', topicId: TOPIC_ID, due: retry(uid, 1).due },
    ]);
    expect(second).toMatchObject({ stored: { floor: 88 }, exceptions: [{ offset: 9 }] });
    expect(await schema.dataSource.query(`SELECT 1 FROM gaps`)).toEqual([]);
  });

  it('that fails half way leaves nothing', async () => {
    const { uid, write } = await owned();
    const broken = { operationId: 'any', delivered: 0.5, failed: 0, ...NEW };
    const writing = write({
      floor: 9,
      lanes: [lane(uid)],
      writes: [retry(uid, 3)],
      operations: [broken],
    });
    await expect(writing).rejects.toThrow('integer');
    expect(await rowsOf(uid)).toEqual([]);
    const floors = await schema.dataSource.query(`SELECT 1 FROM partition_floors WHERE floor = 9`);
    expect(floors).toEqual([]);
  });

  it('stores lanes as they are now', async () => {
    const { partition, uid, write } = await owned();
    const behind = lane(uid, { fromOffset: 5, reason: 'halted', haltedAt: 1_700_000_000_789 });
    await write({ lanes: [lane(uid), behind] });
    const { lanes, ownerEpoch } = await claimOne(store, partition);
    expect(lanes).toEqual([behind]);
    const live = lane(uid, { filterRevision: 4 });
    await store.write([checkpoint(partition, ownerEpoch, { lanes: [live] })]);
    expect((await claimOne(store, partition)).lanes).toEqual([live]);
  });

  it('replaces what a row holds, but for its record where none is given', async () => {
    const { partition, uid, write } = await owned();
    await write({ writes: [retry(uid, 3)] });
    const later = retry(uid, 3, {
      state: 'parked',
      attempts: 2,
      due: null,
      record: null,
      error: null,
    });
    await write({ writes: [later] });
    expect(await rowsOf(uid)).toMatchObject([
      { state: 'parked', attempts: 2, due: null, kept: true, error: null },
    ]);
    expect(await store.records(partition, [later])).toEqual([record()]);
    await write({ writes: [retry(uid, 3, { record: { ...record(), value: null, headers: [] } })] });
    expect(await store.records(partition, [later])).toEqual([
      { ...record(), value: null, headers: [] },
    ]);
  });

  it('keeps the time of death of a dead letter that is written again', async () => {
    const { uid, write } = await owned();
    const died = () =>
      schema.dataSource.query(`SELECT dead_at FROM exceptions WHERE subscription_uid = $1`, [uid]);
    await write({ writes: [dead(uid, 3)] });
    const first = await died();
    expect(first).toEqual([{ dead_at: expect.any(Date) }]);
    await write({ writes: [dead(uid, 3, { record: null })] });
    expect(await died()).toEqual(first);
    await write({ writes: [retry(uid, 3, { record: null })] });
    expect(await died()).toEqual([{ dead_at: null }]);
  });

  it('takes text and bytes of any kind', async () => {
    const { partition, uid, write } = await owned();
    const summary = {
      messageId: 'm',
      eventId: '\0',
      source: '\ud800 "\\',
      type: "'{}[],NULL",
      key: null,
    };
    const error = { code: 'A.B', message: 'null', answer: 'a\0b\udfff' };
    const empty = { key: Buffer.alloc(0), value: Buffer.alloc(0), headers: [], timestamp: 0 };
    const none = { ...empty, key: null, value: null };
    const writes = [
      dead(uid, 1, { summary, error, orderKey: Buffer.from([0, 92, 34, 200]) }),
      retry(uid, 2, { record: empty, orderKey: Buffer.alloc(0) }),
      retry(uid, 3, { record: none }),
      retry(uid, 4),
    ];
    await write({ writes });
    expect(await rowsOf(uid)).toMatchObject([{ summary, error }, {}, {}, {}]);
    expect(await store.records(partition, writes)).toEqual([record(), empty, none, record()]);
    const { exceptions } = await claimOne(store, partition);
    expect(exceptions.map(({ orderKey }) => orderKey)).toEqual([
      writes[0]!.orderKey,
      writes[1]!.orderKey,
      null,
      null,
    ]);
  });

  it.each([
    [2 ** 63, Number.MAX_SAFE_INTEGER],
    [-(2 ** 63), Number.MIN_SAFE_INTEGER],
    [2 ** 64, Number.MAX_SAFE_INTEGER],
    [8.64e15 + 1, 8.64e15 + 1],
    [-1, -1],
  ])('takes a record whose producer gave it the time %p', async (timestamp, kept) => {
    const { partition, uid, write } = await owned();
    const writes = [retry(uid, 1, { record: { ...record(), timestamp } }), dead(uid, 2)];
    expect(await write({ floor: 3, writes })).toEqual([]);
    expect(await store.records(partition, writes)).toEqual([
      { ...record(), timestamp: kept },
      record(),
    ]);
  });

  it('takes 500 rows, and events of 1 MB that no single statement could', async () => {
    const { partition, uid, write } = await owned();
    const many = Array.from({ length: 500 }, (_, offset) =>
      retry(uid, offset, { record: record(offset) }),
    );
    await write({ writes: many });
    expect(await store.records(partition, many)).toEqual(many.map((one) => one.record));
    const large = Array.from({ length: 20 }, (_, index) =>
      retry(uid, 1000 + index, { record: record(1_000_000 + index) }),
    );
    await write({ writes: large });
    expect(await rowsOf(uid)).toHaveLength(520);
    const found = await store.records(partition, [large[19]!, many[7]!, large[0]!]);
    expect(found.map((one) => one?.value?.length)).toEqual([1_000_019, 7, 1_000_000]);
    expect(found[0]?.value?.equals(large[19]!.record!.value!)).toBe(true);
  });

  it('removes exceptions that are covered, and keeps the others as done without their event', async () => {
    const { uid, write } = await owned();
    await write({ writes: [retry(uid, 1), retry(uid, 2), retry(uid, 3)] });
    await write({ ends: [end(uid, 1, true), end(uid, 2, false), end(uid, 4, false)] });
    expect(await rowsOf(uid)).toMatchObject([
      { offset: 2, state: 'done', kept: false, due: null, error: null },
      { offset: 3, state: 'retry', kept: true },
    ]);
    await write({ writes: [retry(uid, 5)], ends: [end(uid, 2, true), end(uid, 5, true)] });
    expect((await rowsOf(uid)).map(({ offset }) => offset)).toEqual([3]);
  });

  it('shifts the retries that were stored before, of the subscription and partition only', async () => {
    const { partition, uid, write } = await owned();
    const [elsewhere] = freshPartitions(1);
    const { ownerEpoch } = await claimOne(store, elsewhere!);
    const other = randomUUID();
    const due = retry(uid, 1).due!;
    await store.write([checkpoint(elsewhere!, ownerEpoch, { writes: [retry(uid, 100)] })]);
    await write({ writes: [retry(uid, 1), dead(uid, 2), retry(other, 3)] });
    const by = (byMs: number) => ({ subscriptionUid: uid, byMs, ...NEW });
    await write({ shifts: [by(1_001), by(60_000)], writes: [retry(uid, 4)] });
    const dues = (await store.claim([partition, elsewhere!])).flatMap(({ exceptions }) =>
      exceptions.map((one) => [one.offset, one.due]),
    );
    expect(new Map(dues as [number, number | null][])).toEqual(
      new Map([
        [1, due + 61_001],
        [2, null],
        [3, due],
        [4, due],
        [100, due],
      ]),
    );
  });

  it('counts a shift once, though it is written again because an answer was lost', async () => {
    const { partition, uid, write } = await owned();
    const due = retry(uid, 1).due!;
    const shift = (since: number, byMs: number) => ({ subscriptionUid: uid, byMs, since });
    await write({ sequence: 1, writes: [retry(uid, 1)] });
    await write({ sequence: 2, shifts: [shift(2, 1_000)] });
    await write({ sequence: 3, shifts: [shift(2, 1_000), shift(3, 20)] });
    await write({ sequence: 5, shifts: [shift(4, 300), shift(5, 4)] });
    const { exceptions, ownerEpoch } = await claimOne(store, partition);
    expect(exceptions).toMatchObject([{ due: due + 1_324 }]);
    const anew = { sequence: 1, shifts: [shift(1, 50_000)] };
    await store.write([checkpoint(partition, ownerEpoch, anew)]);
    expect((await claimOne(store, partition)).exceptions).toMatchObject([{ due: due + 51_324 }]);
  });

  it('that comes after a newer one of its owner changes nothing', async () => {
    const { partition, uid, write } = await owned();
    await write({ sequence: 7, floor: 20 });
    expect(await write({ sequence: 6, floor: 10 })).toEqual([partition]);
    expect(await write({ sequence: 6, floor: 10, writes: [retry(uid, 1)] })).toEqual([partition]);
    expect(await claimOne(store, partition)).toMatchObject({
      stored: { floor: 20 },
      exceptions: [],
    });
  });

  it('retires the exceptions of records that the log has lost, before it writes new ones', async () => {
    const { uid, write } = await owned();
    await write({ writes: [retry(uid, 4), retry(uid, 5), dead(uid, 6)] });
    await write({
      retire: { fromOffset: 5, as: `${TOPIC_ID}#2` },
      writes: [retry(uid, 5, { attempts: 9 })],
    });
    const rows = await rowsOf(uid);
    expect(rows.map((row) => [row['offset'], row['topic_id'], row['attempts']])).toEqual(
      expect.arrayContaining([
        [4, TOPIC_ID, 1],
        [5, TOPIC_ID, 9],
        [5, `${TOPIC_ID}#2`, 1],
        [6, `${TOPIC_ID}#2`, 5],
      ]),
    );
    expect(rows).toHaveLength(4);
  });

  it('written twice stores the same', async () => {
    const { uid, write } = await owned();
    const gap = { reason: 'expired', topicId: TOPIC_ID, from: 1, to: 5 } as const;
    const news = {
      floor: 7,
      lanes: [lane(uid)],
      writes: [retry(uid, 8), dead(uid, 9), retry(uid, 10)],
      ends: [end(uid, 10, false)],
      gaps: [{ subscriptionUid: uid, gap }],
    };
    await write(news);
    const once = await rowsOf(uid);
    await write(news);
    expect(await rowsOf(uid)).toEqual(once);
    const gaps = await schema.dataSource.query(`SELECT 1 FROM gaps WHERE subscription_uid = $1`, [
      uid,
    ]);
    expect(gaps).toHaveLength(1);
  });

  it('sends no more statements than it has lists to write', async () => {
    const { uid, write } = await owned();
    const { logger } = schema.dataSource;
    const sent: string[] = [];
    logger.logQuery = (sql) => void sent.push(sql.trim().split(/\s+/).slice(0, 2).join(' '));
    try {
      await write({ floor: 1 });
      expect(sent.splice(0)).toEqual(['WITH owned']);
      await write({ floor: 2, writes: [retry(uid, 5), retry(uid, 6)] });
      expect(sent).toEqual([
        'START TRANSACTION',
        'LOCK TABLE',
        'WITH owned',
        'INSERT INTO',
        'COMMIT',
      ]);
    } finally {
      Reflect.deleteProperty(logger, 'logQuery');
    }
  });
});
