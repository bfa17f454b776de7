import { type LogConfig } from './log-config.js';
import { MAX_RELATIVE_OFFSET, type SegmentFacts } from './segment-facts.js';

/** A compaction that ran: what lies before `endOffset` was clean at that time (Unix ms). */
export interface CompactionPass {
  readonly endOffset: number;
  readonly at: number;
}

/** What to compact. */
export interface CompactionPlan {
  /** Records whose newest keys win: [dirtyFrom, cleanTo). */
  readonly dirtyFrom: number;
  readonly cleanTo: number;
  /** Tombstones before this offset may go. */
  readonly tombstonesBefore: number;
}

/**
 * Decides on a compaction: closed segments only, none with a record younger than the lag or past
 * the last stable offset, and only when enough is dirty, or dirty for too long, or tombstones have
 * had their time.
 */
export function planCompaction(input: {
  /** All segments in order, the active one last. */
  readonly segments: readonly SegmentFacts[];
  readonly passes: readonly CompactionPass[];
  readonly lastStableOffset: number;
  readonly config: LogConfig;
  readonly now: number;
}): CompactionPlan | undefined {
  const { segments, passes, config, now } = input;
  if (config.cleanupPolicy === 'delete') return undefined;
  const dirtyFrom = passes.at(-1)?.endOffset ?? 0;
  const cleanable = cleanableSegments(input);
  const last = cleanable.length;
  if (last === 0) return undefined;
  const cleanTo = segments[last]!.baseOffset;
  // A pass ends within a segment where its keys did not fit into memory.
  const dirty = cleanable.filter((_, index) => segments[index + 1]!.baseOffset > dirtyFrom);
  const dirtyBytes = sum(dirty);
  const tombstonesBefore = expiredTombstones(passes, now - config.deleteRetentionMs);
  const enoughDirty =
    dirtyBytes > 0 && dirtyBytes / sum(cleanable) >= config.minCleanableDirtyRatio;
  const overdue = dirty.some((segment) => isOverdue(segment, config, now));
  const freshlyExpired = passes.some(({ at }) => at >= 0 && at <= now - config.deleteRetentionMs);
  if (!enoughDirty && !overdue && !freshlyExpired) return undefined;
  return { dirtyFrom: Math.min(dirtyFrom, cleanTo), cleanTo, tombstonesBefore };
}

/** Whether a segment that was not compacted yet holds a record for longer than its topic allows. */
export function isOverdue(segment: SegmentFacts, config: LogConfig, now: number): boolean {
  const compacts = config.cleanupPolicy !== 'delete';
  const holdsAny = segment.sizeBytes > 0;
  return compacts && holdsAny && now - segment.createdAt > config.maxCompactionLagMs;
}

/**
 * The passes to remember after a plan was carried out. Those whose tombstones are gone fold into
 * one with time -1, so that they trigger nothing again.
 */
export function passesAfter(
  passes: readonly CompactionPass[],
  plan: CompactionPlan,
  now: number,
): readonly CompactionPass[] {
  const waiting = passes.filter(({ endOffset }) => endOffset > plan.tombstonesBefore);
  const done = plan.tombstonesBefore > 0 ? [{ endOffset: plan.tombstonesBefore, at: -1 }] : [];
  const known = waiting.at(-1)?.endOffset ?? plan.tombstonesBefore;
  const fresh = plan.cleanTo > known ? [{ endOffset: plan.cleanTo, at: now }] : [];
  return [...done, ...waiting, ...fresh];
}

/**
 * Neighbours that fit together into one segment file are merged by the compaction.
 * @param end first offset behind the last one
 */
export function groupSegments<S extends SegmentFacts>(
  segments: readonly S[],
  segmentBytes: number,
  end: number,
): readonly (readonly S[])[] {
  const groups: S[][] = [];
  let bytes = 0;
  for (const [index, segment] of segments.entries()) {
    const group = groups.at(-1);
    const last = (segments[index + 1]?.baseOffset ?? end) - 1;
    const tooFar = group !== undefined && last - group[0]!.baseOffset > MAX_RELATIVE_OFFSET;
    if (group === undefined || tooFar || bytes + segment.sizeBytes > segmentBytes) {
      groups.push([segment]);
      bytes = segment.sizeBytes;
    } else {
      group.push(segment);
      bytes += segment.sizeBytes;
    }
  }
  return groups;
}

function cleanableSegments(input: {
  readonly segments: readonly SegmentFacts[];
  readonly lastStableOffset: number;
  readonly config: LogConfig;
  readonly now: number;
}): readonly SegmentFacts[] {
  const { segments, lastStableOffset, config, now } = input;
  const closed = segments.slice(0, -1);
  const end = closed.findIndex((segment, index) => {
    const nextBase = segments[index + 1]!.baseOffset;
    const newest = segment.maxTimestamp < 0 ? segment.createdAt : segment.maxTimestamp;
    const young = config.minCompactionLagMs > 0 && newest > now - config.minCompactionLagMs;
    return nextBase > lastStableOffset || young;
  });
  return end < 0 ? closed : closed.slice(0, end);
}

/** End of the newest pass that is old enough. */
function expiredTombstones(passes: readonly CompactionPass[], before: number): number {
  return passes.findLast(({ at }) => at <= before)?.endOffset ?? 0;
}

function sum(segments: readonly SegmentFacts[]): number {
  return segments.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
}
