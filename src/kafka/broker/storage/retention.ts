import { type LogConfig } from './log-config.js';
import { type SegmentFacts } from './segment-facts.js';

/** What retention asks for. */
export interface RetentionPlan {
  /** So many of the oldest closed segments go. */
  readonly deleteCount: number;
  /** The active segment is old as a whole: to be closed, so that the next run may take it. */
  readonly closeActive: boolean;
}

/**
 * Decides which closed segments go: those before the log's start, those older than retentionMs as a
 * whole, and the oldest as long as what stays is at least retentionBytes. Without gaps, from the
 * oldest on; never the active one, nor what is not yet readable.
 */
export function planRetention(input: {
  /** All segments in order, the active one last. */
  readonly segments: readonly SegmentFacts[];
  readonly startOffset: number;
  readonly highWatermark: number;
  readonly config: LogConfig;
  readonly now: number;
}): RetentionPlan {
  const { segments, startOffset, highWatermark, config, now } = input;
  const byPolicy = config.cleanupPolicy !== 'compact';
  const expired = (segment: SegmentFacts): boolean =>
    byPolicy && config.retentionMs >= 0 && newestTime(segment) < now - config.retentionMs;
  let excess = byPolicy && config.retentionBytes >= 0 ? total(segments) - config.retentionBytes : 0;
  let deleteCount = 0;
  for (; deleteCount < segments.length - 1; deleteCount++) {
    const segment = segments[deleteCount]!;
    const end = segments[deleteCount + 1]!.baseOffset;
    const tooLarge = excess >= segment.sizeBytes && segment.sizeBytes > 0;
    if (end > highWatermark || !(end <= startOffset || expired(segment) || tooLarge)) break;
    excess -= segment.sizeBytes;
  }
  const active = segments.at(-1);
  const allGone = deleteCount === segments.length - 1;
  const closeActive = active !== undefined && active.sizeBytes > 0 && allGone && expired(active);
  return { deleteCount, closeActive };
}

/** Time of the newest record; a segment without times counts from its making. */
function newestTime({ maxTimestamp, createdAt }: SegmentFacts): number {
  return maxTimestamp < 0 ? createdAt : maxTimestamp;
}

function total(segments: readonly SegmentFacts[]): number {
  return segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
