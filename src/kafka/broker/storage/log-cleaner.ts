import { type Cleaning } from './cleaning.js';
import { compactLog } from './compaction.js';
import { type CleanResult } from './log-types.js';
import { planRetention } from './retention.js';

/** Idempotent producers not seen for a day are forgotten (Kafka's producer.id.expiration.ms). */
const PRODUCER_EXPIRY_MS = 86_400_000;

/** One run of retention and compaction. Reads and appends go on beside it. */
export async function cleanLog(cleaning: Cleaning): Promise<CleanResult> {
  cleaning.state.history.producers.expire(cleaning.now - PRODUCER_EXPIRY_MS);
  const deletedSegments = await applyRetention(cleaning);
  return { deletedSegments, compacted: await compactLog(cleaning) };
}

/** Removes what retention or the log's start let go. @returns how many segments went */
export async function applyRetention(cleaning: Cleaning): Promise<number> {
  const { state } = cleaning;
  const plan = planRetention({
    segments: state.segments.all.map(({ facts }) => facts),
    startOffset: state.startOffset,
    highWatermark: cleaning.highWatermark,
    config: state.config(),
    now: cleaning.now,
  });
  if (plan.closeActive) cleaning.roll();
  if (plan.deleteCount === 0) return 0;
  const dropped = state.segments.dropFirst(plan.deleteCount);
  state.startOffset = Math.max(state.startOffset, state.segments.first.baseOffset);
  state.history.truncateStart(state.startOffset);
  state.epochs.truncateStart(state.startOffset);
  // Before the checkpoint, which a full disk takes only once they are gone. The oldest first: a crash
  // meanwhile leaves a log that begins later, not one with a hole.
  for (const segment of dropped) segment.remove();
  await cleaning.checkpoint();
  return dropped.length;
}
