import { type Cleaning } from './cleaning.js';
import { compactLog } from './compaction.js';
import { type CleanResult } from './log-types.js';
import { planRetention, type RetentionPlan } from './retention.js';

/** Idempotent producers not seen for a day are forgotten (Kafka's producer.id.expiration.ms). */
const PRODUCER_EXPIRY_MS = 86_400_000;

/** One run of retention and compaction. Reads and appends go on beside it. */
export async function cleanLog(cleaning: Cleaning): Promise<CleanResult> {
  cleaning.state.history.producers.expire(cleaning.now - PRODUCER_EXPIRY_MS);
  const { deleteCount, closeActive } = await applyRetention(cleaning);
  // Only now: where no file can be made, what is too old has gone all the same.
  if (closeActive) cleaning.roll();
  return { deletedSegments: deleteCount, compacted: await compactLog(cleaning) };
}

/** Removes what retention or the log's start let go. @returns the plan that was carried out */
export async function applyRetention(cleaning: Cleaning): Promise<RetentionPlan> {
  const { state } = cleaning;
  const plan = planRetention({
    segments: state.segments.all.map(({ facts }) => facts),
    startOffset: state.startOffset,
    highWatermark: cleaning.highWatermark,
    config: state.config(),
    now: cleaning.now,
  });
  if (plan.deleteCount > 0) await removeFirst(cleaning, plan.deleteCount);
  return plan;
}

async function removeFirst({ state, checkpoint }: Cleaning, count: number): Promise<void> {
  // What they told of producers is kept, if it fits: a full disk takes it only once they are gone.
  await checkpoint().catch(() => undefined);
  const dropped = state.segments.dropFirst(count);
  const { baseOffset } = state.segments.first;
  state.startOffset = Math.max(state.startOffset, baseOffset);
  // Not by the log's start, which is taken back where it cannot be kept.
  state.history.aborted.truncateStart(baseOffset);
  state.epochs.truncateStart(baseOffset);
  // The oldest first: a crash meanwhile leaves a log that begins later, not one with a hole.
  for (const segment of dropped) segment.remove();
  await checkpoint();
}
