/** Long because each way in which a log and what is stored of it can differ has its story. */
import * as fc from 'fast-check';

import type { ClaimedPartition, LaneRow, StoredException } from './checkpoint.js';
import { reconcileClaim, type LogTruth, type ReconciledClaim } from './claim.js';

const offsets = fc.nat({ max: 20 });
const partition = { topic: 't', partition: 0 };

const lanes = fc.array(fc.option(offsets), { minLength: 1, maxLength: 4 }).map((places) =>
  places.map((fromOffset, at): LaneRow => {
    const reason = fromOffset === null ? null : 'full';
    return { subscriptionUid: `u${at}`, fromOffset, reason, haltedAt: null, filterRevision: 1 };
  }),
);

const exceptions = fc
  .array(
    fc.record({
      subscriptionUid: fc.constantFrom('u0', 'u1'),
      offset: offsets,
      topicId: fc.constantFrom('now', 'now', 'before'),
      state: fc.constantFrom('retry', 'parked', 'redrive', 'dead', 'done'),
    }),
    { maxLength: 5 },
  )
  .map((all) =>
    all.map((one): StoredException => {
      const rest = { orderKey: null, attempts: 0, due: null, operationId: null };
      return { ...partition, ...rest, ...one } as StoredException;
    }),
  );

const claims: fc.Arbitrary<ClaimedPartition> = fc.record({
  topic: fc.constant('t'),
  partition: fc.constant(0),
  ownerEpoch: fc.constant(7),
  stored: fc.option(
    fc.record({ topicId: fc.constant('now'), floor: offsets, leaderEpoch: fc.constant(3) }),
    { nil: undefined, freq: 9 },
  ),
  lanes,
  exceptions,
  counts: fc.constant(new Map<string, number>()),
});

const logs: fc.Arbitrary<LogTruth> = fc
  .tuple(offsets, offsets, fc.option(offsets, { nil: undefined }), fc.nat({ max: 3 }))
  .map(([one, other, epoch, anew]) => {
    const [startOffset, endOffset] = [Math.min(one, other), Math.max(one, other)];
    const epochEnd = epoch === undefined ? undefined : Math.min(epoch, endOffset);
    return { topicId: anew === 0 ? 'anew' : 'now', startOffset, endOffset, epochEnd };
  });

/** Where a lane goes on to read. */
const goesOnAt = (reconciled: ReconciledClaim, uid: string): number =>
  reconciled.lanes.find(({ subscriptionUid }) => subscriptionUid === uid)?.fromOffset ??
  reconciled.floor;

/** Whether a lane's gaps hold an offset of an incarnation. */
const isInGap = (
  { gaps }: ReconciledClaim,
  uid: string,
  topicId: string,
  offset: number,
): boolean =>
  gaps.some(
    ({ subscriptionUid, gap }) =>
      subscriptionUid === uid &&
      gap.topicId === topicId &&
      gap.from <= offset &&
      offset < Math.max(gap.to, gap.from + 1),
  );

describe('what a new owner finds', () => {
  it('loses nothing silently: what a lane does not read any more lies in its gaps', () => {
    fc.assert(
      fc.property(claims, logs, (claimed, log) => {
        const reconciled = reconcileClaim(claimed, log);
        expect(reconciled.lanes).toHaveLength(claimed.lanes.length);
        if (claimed.stored === undefined) return;
        const { topicId, floor } = claimed.stored;
        for (const { subscriptionUid: uid, fromOffset } of claimed.lanes) {
          const place = fromOffset ?? floor;
          const next = goesOnAt(reconciled, uid);
          if (topicId !== log.topicId) {
            expect(isInGap(reconciled, uid, topicId, place)).toBe(true);
            for (let each = 0; each < next; each += 1) {
              expect(isInGap(reconciled, uid, log.topicId, each)).toBe(true);
            }
          } else {
            for (let each = place; each < next; each += 1) {
              expect(isInGap(reconciled, uid, topicId, each)).toBe(true);
            }
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('lets no lane go on past the end of the log, nor any that follows live before its start', () => {
    fc.assert(
      fc.property(claims, logs, (claimed, log) => {
        const reconciled = reconcileClaim(claimed, log);
        expect(reconciled.floor).toBeLessThanOrEqual(log.endOffset);
        if (claimed.stored === undefined) return expect(reconciled.floor).toBe(log.endOffset);
        expect(reconciled.floor).toBeGreaterThanOrEqual(log.startOffset);
        for (const { fromOffset } of reconciled.lanes) {
          expect(fromOffset ?? 0).toBeLessThanOrEqual(log.endOffset);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('retires the rows of offsets that the log has lost, those and no others, the same as the store', () => {
    fc.assert(
      fc.property(claims, logs, (claimed, log) => {
        const { exceptions: after, retire } = reconcileClaim(claimed, log);
        const isCut = claimed.stored?.topicId === log.topicId;
        const logEnd = Math.min(log.epochEnd ?? log.endOffset, log.endOffset);
        const end = Math.max(log.startOffset, logEnd);
        claimed.exceptions.forEach((one, at) => {
          const isLost = isCut && one.topicId === log.topicId && one.offset >= end;
          const isRetired =
            retire !== null && one.topicId === 'now' && one.offset >= retire.fromOffset;
          expect(isRetired).toBe(isLost);
          expect(after[at]).toEqual(isLost ? { ...one, topicId: retire?.as } : one);
        });
      }),
      { numRuns: 1_000 },
    );
  });

  it('changes nothing where the log holds everything', () => {
    fc.assert(
      fc.property(claims, (claimed) => {
        const log = { topicId: 'now', startOffset: 0, endOffset: 100, epochEnd: undefined };
        const { stored, lanes: found, exceptions: kept } = claimed;
        if (stored === undefined) return;
        const { floor, leaderEpoch } = stored;
        const same = { floor, leaderEpoch, lanes: found, exceptions: kept, gaps: [], retire: null };
        expect(reconcileClaim(claimed, log)).toEqual(same);
      }),
    );
  });

  it('comes to rest: what was reconciled once is found as it is', () => {
    fc.assert(
      fc.property(claims, logs, (claimed, log) => {
        if (claimed.stored === undefined) return;
        const { floor, leaderEpoch, lanes: found, exceptions: kept } = reconcileClaim(claimed, log);
        const epochEnd = leaderEpoch < 0 ? undefined : log.epochEnd;
        const stored = { topicId: log.topicId, floor, leaderEpoch };
        const again = { ...claimed, stored, lanes: found, exceptions: kept };
        const rest = { floor, gaps: [], retire: null };
        expect(reconcileClaim(again, { ...log, epochEnd })).toMatchObject(rest);
      }),
      { numRuns: 1_000 },
    );
  });
});

const claimOf = (change: Partial<ClaimedPartition>): ClaimedPartition => ({
  ...partition,
  ownerEpoch: 7,
  stored: { topicId: 'now', floor: 10, leaderEpoch: 3 },
  lanes: [
    { subscriptionUid: 'live', fromOffset: null, reason: null, haltedAt: null, filterRevision: 1 },
    { subscriptionUid: 'behind', fromOffset: 4, reason: 'full', haltedAt: null, filterRevision: 1 },
  ],
  exceptions: [],
  counts: new Map(),
  ...change,
});

const gapOf = (
  subscriptionUid: string,
  reason: string,
  from: number,
  to: number,
  topicId = 'now',
) => ({
  subscriptionUid,
  gap: { reason, topicId, from, to },
});

describe('a claim', () => {
  it('of a topic that was made again begins at its start, with a gap of what is gone of both', () => {
    const log = { topicId: 'anew', startOffset: 2, endOffset: 5, epochEnd: undefined };
    expect(reconcileClaim(claimOf({}), log)).toMatchObject({
      floor: 2,
      lanes: [{ fromOffset: null }, { fromOffset: null, reason: null }],
      gaps: [
        gapOf('live', 'deleted', 10, 10),
        gapOf('behind', 'deleted', 4, 4),
        gapOf('live', 'expired', 0, 2, 'anew'),
        gapOf('behind', 'expired', 0, 2, 'anew'),
      ],
      retire: null,
    });
  });

  it('of a log that was cut goes on at the cut, even where the log has grown beyond again', () => {
    const log = { topicId: 'now', startOffset: 0, endOffset: 50, epochEnd: 6 };
    expect(reconcileClaim(claimOf({}), log)).toMatchObject({
      floor: 6,
      lanes: [{ fromOffset: null }, { fromOffset: 4 }],
      gaps: [gapOf('live', 'truncated', 6, 10), gapOf('behind', 'truncated', 6, 10)],
      retire: { fromOffset: 6, as: 'now#7' },
    });
  });

  it('knows by a row alone that the log was cut', () => {
    const log = { topicId: 'now', startOffset: 0, endOffset: 12, epochEnd: undefined };
    const rest = { orderKey: null, attempts: 1, due: null, operationId: null };
    const row = { ...partition, ...rest, subscriptionUid: 'live', topicId: 'now', offset: 14 };
    const found = reconcileClaim(claimOf({ exceptions: [{ ...row, state: 'retry' }] }), log);
    expect(found).toMatchObject({
      floor: 10,
      gaps: [gapOf('live', 'truncated', 12, 15), gapOf('behind', 'truncated', 12, 15)],
      exceptions: [{ offset: 14, topicId: 'now#7' }],
      retire: { fromOffset: 12, as: 'now#7' },
    });
  });

  it('takes what is resent from beyond what was read for no sign of a cut', () => {
    const log = { topicId: 'now', startOffset: 0, endOffset: 30, epochEnd: 12 };
    const rest = { orderKey: null, attempts: 0, due: null, operationId: 'o' };
    const row = { ...partition, ...rest, subscriptionUid: 'live', topicId: 'now', offset: 20 };
    const found = reconcileClaim(claimOf({ exceptions: [{ ...row, state: 'redrive' }] }), log);
    expect(found).toMatchObject({ floor: 10, gaps: [] });
  });

  it('of a log that expired leaves a gap to those that follow live', () => {
    const log = { topicId: 'now', startOffset: 13, endOffset: 20, epochEnd: 20 };
    expect(reconcileClaim(claimOf({}), log)).toMatchObject({
      floor: 13,
      lanes: [{ fromOffset: null }, { fromOffset: 4 }],
      gaps: [gapOf('live', 'expired', 10, 13)],
    });
  });

  it('of a log that expired beyond the epoch of the floor was not cut', () => {
    const log = { topicId: 'now', startOffset: 13, endOffset: 20, epochEnd: 12 };
    const passed = { topicId: 'now', floor: 13, leaderEpoch: 3 };
    const found = reconcileClaim(claimOf({ stored: passed }), log);
    expect(found).toMatchObject({ floor: 13, gaps: [], retire: null });
  });

  it('of a partition that nobody owned begins at its end', () => {
    const log = { topicId: 'now', startOffset: 3, endOffset: 9, epochEnd: undefined };
    const found = reconcileClaim(claimOf({ stored: undefined, lanes: [] }), log);
    expect(found).toMatchObject({ floor: 9, leaderEpoch: -1, gaps: [], retire: null });
  });
});
