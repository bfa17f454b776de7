import * as fc from 'fast-check';
import { groupSegments, passesAfter, planCompaction } from './compaction-plan.js';
import { DEFAULT_LOG_CONFIG } from './log-config.js';
import { planRetention } from './retention.js';
import { type SegmentFacts } from './segment-facts.js';

const segments: fc.Arbitrary<SegmentFacts[]> = fc
  .array(
    fc.record({
      sizeBytes: fc.nat({ max: 1_000 }),
      maxTimestamp: fc.integer({ min: -1, max: 1_000 }),
    }),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((items) =>
    items.map((item, index) => ({
      ...item,
      baseOffset: index * 10,
      maxTimestampOffset: 0,
      createdAt: 500,
    })),
  );

const segmentAt = (baseOffset: number): SegmentFacts => ({
  baseOffset,
  sizeBytes: 10,
  maxTimestamp: 1,
  maxTimestampOffset: 0,
  createdAt: 0,
});

describe('the retention plan', () => {
  it('spares the active segment, what is not readable yet, and the bytes to keep', () => {
    fc.assert(
      fc.property(
        segments,
        fc.nat({ max: 120 }),
        fc.nat({ max: 2_000 }),
        fc.nat({ max: 2_000 }),
        (all, highWatermark, retentionBytes, now) => {
          const config = { ...DEFAULT_LOG_CONFIG, retentionMs: -1, retentionBytes };
          const { deleteCount } = planRetention({
            segments: all,
            startOffset: 0,
            highWatermark,
            config,
            now,
          });
          expect(deleteCount).toBeLessThan(all.length);
          const kept = all.slice(deleteCount);
          if (deleteCount > 0) {
            expect(kept[0]!.baseOffset).toBeLessThanOrEqual(highWatermark);
            expect(kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBeGreaterThanOrEqual(
              retentionBytes,
            );
          }
        },
      ),
    );
  });

  it('deletes nothing by policy from a compacted topic', () => {
    const config = {
      ...DEFAULT_LOG_CONFIG,
      cleanupPolicy: 'compact',
      retentionMs: 0,
      retentionBytes: 0,
    } as const;
    const all = [0, 10, 20].map(segmentAt);
    const plan = planRetention({
      segments: all,
      startOffset: 0,
      highWatermark: 30,
      config,
      now: 9_999,
    });
    expect(plan).toEqual({ deleteCount: 0, closeActive: false });
  });
});

describe('the compaction plan', () => {
  it('spares the active segment, open transactions and young records', () => {
    fc.assert(
      fc.property(
        segments,
        fc.nat({ max: 120 }),
        fc.nat({ max: 1_000 }),
        (all, lastStableOffset, minCompactionLagMs) => {
          const config = {
            ...DEFAULT_LOG_CONFIG,
            cleanupPolicy: 'compact',
            minCompactionLagMs,
            minCleanableDirtyRatio: 0,
          } as const;
          const plan = planCompaction({
            segments: all,
            passes: [],
            lastStableOffset,
            config,
            now: 1_000,
          });
          if (plan === undefined) return;
          expect(plan.cleanTo).toBeLessThanOrEqual(
            Math.min(all.at(-1)!.baseOffset, lastStableOffset),
          );
          for (const { baseOffset, maxTimestamp } of all) {
            if (baseOffset < plan.cleanTo)
              expect(maxTimestamp).toBeLessThanOrEqual(1_000 - minCompactionLagMs || 1_000);
          }
        },
      ),
    );
  });

  it('runs once more for expired tombstones, and not again', () => {
    const all = [0, 10, 20].map(segmentAt);
    const config = {
      ...DEFAULT_LOG_CONFIG,
      cleanupPolicy: 'compact',
      deleteRetentionMs: 100,
    } as const;
    const at = (passes: Parameters<typeof planCompaction>[0]['passes'], now: number) =>
      planCompaction({ segments: all, passes, lastStableOffset: 30, config, now });
    const first = at([], 1_000)!;
    expect(first).toEqual({ dirtyFrom: 0, cleanTo: 20, tombstonesBefore: 0 });
    let passes = passesAfter([], first, 1_000);
    expect(at(passes, 1_050)).toBeUndefined();
    const second = at(passes, 1_100)!;
    expect(second.tombstonesBefore).toBe(20);
    passes = passesAfter(passes, second, 1_100);
    expect(at(passes, 9_999)).toBeUndefined();
  });

  it('goes on within a segment in which a pass had to end', () => {
    const all = [0, 10, 20].map(segmentAt);
    const config = { ...DEFAULT_LOG_CONFIG, cleanupPolicy: 'compact' } as const;
    const after = (endOffset: number) =>
      planCompaction({
        segments: all,
        passes: [{ endOffset, at: 1_000 }],
        lastStableOffset: 30,
        config,
        now: 1_000,
      });
    expect(after(15)).toMatchObject({ dirtyFrom: 15, cleanTo: 20 });
    expect(after(20)).toBeUndefined();
  });

  it('merges neighbours only as far as they fit into one file', () => {
    fc.assert(
      fc.property(segments, fc.nat({ max: 3_000 }), (all, segmentBytes) => {
        const groups = groupSegments(all, segmentBytes, (all.at(-1)?.baseOffset ?? 0) + 100);
        expect(groups.flat()).toEqual(all);
        for (const group of groups) {
          const bytes = group.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
          expect(group.length === 1 || bytes <= segmentBytes).toBe(true);
        }
      }),
    );
  });

  it('merges none into a file whose offsets would not fit into its indexes', () => {
    const [first, second] = [0, 3].map(segmentAt);
    const together = groupSegments([first!, second!], 1e6, 2 ** 31);
    expect(together).toEqual([[first, second]]);
    expect(groupSegments([first!, second!], 1e6, 2 ** 31 + 1)).toEqual([[first], [second]]);
  });
});
