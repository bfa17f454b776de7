import { randomUUID } from 'node:crypto';

import type { Gap } from '../../../../src/delivery/core/position.js';
import { DeliveryGapStore } from '../../../../src/delivery/persistence/delivery-gap.store.js';
import { PostgresCheckpointStore } from '../../../../src/delivery/persistence/postgres-checkpoint.store.js';
import {
  checkpoint,
  freshPartitions,
  openDeliverySchema,
  TOPIC_ID,
  type DeliverySchema,
} from './delivery-schema.js';

describe('recorded gaps', () => {
  let schema: DeliverySchema;

  beforeAll(async () => {
    schema = await openDeliverySchema();
  });

  afterAll(() => schema.close());

  const gap = (from: number, to: number, more: Partial<Gap> = {}): Gap => ({
    reason: 'expired',
    topicId: TOPIC_ID,
    from,
    to,
    ...more,
  });

  /** Records gaps, one checkpoint after the other, and answers what is listed. */
  async function recorded(...checkpoints: readonly (readonly Gap[])[]) {
    const uid = randomUUID();
    const [partition] = freshPartitions(1);
    const store = new PostgresCheckpointStore(schema.dataSource);
    const [claimed] = await store.claim([partition!]);
    for (const gaps of checkpoints)
      await store.write([
        checkpoint(partition!, claimed!.ownerEpoch, {
          gaps: gaps.map((one) => ({ subscriptionUid: uid, gap: one })),
        }),
      ]);
    return new DeliveryGapStore(schema.dataSource).list(uid, 100, 0);
  }

  const ranges = (rows: Awaited<ReturnType<typeof recorded>>) =>
    rows.map(({ gap: { fromOffset, toOffset } }) => [fromOffset, toOffset]).sort();

  it('are joined with those that they touch or overlap, stored or new', async () => {
    const touching = await recorded([gap(0, 5)], [gap(5, 9)], [gap(20, 30), gap(25, 40)]);
    expect(ranges(touching)).toEqual([
      [0, 9],
      [20, 40],
    ]);
    const bridged = await recorded([gap(4, 8)], [gap(0, 5), gap(7, 12)]);
    expect(ranges(bridged)).toEqual([[0, 12]]);
    const inside = await recorded([gap(0, 50)], [gap(10, 20)]);
    expect(ranges(inside)).toEqual([[0, 50]]);
  });

  it('stay apart where offsets between them were there', async () => {
    const apart = await recorded([gap(0, 5)], [gap(6, 9)]);
    expect(ranges(apart)).toEqual([
      [0, 5],
      [6, 9],
    ]);
  });

  it('stay apart by reason and by incarnation of the topic', async () => {
    const rows = await recorded(
      [gap(0, 5), gap(0, 5, { topicId: 'former' })],
      [gap(3, 9, { reason: 'truncated' })],
    );
    expect(ranges(rows)).toEqual([
      [0, 5],
      [0, 5],
      [3, 9],
    ]);
  });

  it('may be empty, as where a topic was made again and nobody knows how far it reached', async () => {
    const empty = gap(7, 7, { reason: 'deleted' });
    const rows = await recorded([empty], [empty]);
    expect(rows).toMatchObject([
      { gap: { reason: 'deleted', fromOffset: 7, toOffset: 7, partition: 0 } },
    ]);
    expect(Date.parse(rows[0]!.gap.at)).not.toBeNaN();
  });

  it('are listed in pages', async () => {
    const uid = randomUUID();
    const [partition] = freshPartitions(1);
    const store = new PostgresCheckpointStore(schema.dataSource);
    const [claimed] = await store.claim([partition!]);
    const gaps = [0, 10, 20].map((from) => ({ subscriptionUid: uid, gap: gap(from, from + 1) }));
    await store.write([checkpoint(partition!, claimed!.ownerEpoch, { gaps })]);
    const list = new DeliveryGapStore(schema.dataSource);
    const first = await list.list(uid, 2, 0);
    expect(ranges(first)).toEqual([
      [0, 1],
      [10, 11],
    ]);
    expect(ranges(await list.list(uid, 2, first[1]!.id))).toEqual([[20, 21]]);
  });
});
