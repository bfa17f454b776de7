import { loadAborted, loadCheckpoint, withdrawCheckpoint } from './checkpoint.js';
import { LogHistory } from './log-history.js';
import { type LogState } from './log-state.js';
import { Segment } from './segment.js';
import { TransactionIndex } from './transaction-index.js';
import { TransactionIndexFile } from './transaction-index-file.js';

/**
 * Cuts every batch that ends at or after the offset (a batch that holds it goes as a whole) and
 * brings producers, transactions and epochs back to what they were there.
 */
export async function cutLog(state: LogState, offset: number, durable: boolean): Promise<void> {
  const { segments, tail } = state;
  tail.clear();
  await withdrawCheckpoint(state, offset, durable);
  const former = segments.active;
  // The newest first: a crash must not leave a hole.
  const kept = segments.indexFor(offset) + 1;
  while (segments.all.length > kept) {
    // Of the list only once it is gone: left behind, it would lie among what is appended later.
    segments.active.remove();
    segments.keepFirst(segments.all.length - 1);
  }
  const { active } = segments;
  let size = 0;
  let end = active.baseOffset;
  for await (const { header, position } of active.batches()) {
    if (header.lastOffset >= offset) break;
    size = position + header.sizeBytes;
    end = header.lastOffset + 1;
  }
  await active.truncate(size);
  state.endOffset = end;
  state.startOffset = Math.min(state.startOffset, end);
  state.epochs.truncateEnd(end);
  state.cleanedTo = Math.min(state.cleanedTo, end);
  state.compactions = state.compactions.filter(({ endOffset }) => endOffset <= end);
  if (active !== former && size > 0) {
    // What was compacted is never appended to: only there may offsets have gaps.
    segments.push(Segment.create(state.directory, end, state.clock(), state.runtime));
  }
  await rebuildHistory(state);
}

/** Applies the log's batches anew, from the checkpoint where it is not of a later time. */
async function rebuildHistory(state: LogState): Promise<void> {
  const { directory } = state;
  const { producers, files } = state.runtime;
  const stored = loadCheckpoint(files, directory);
  const aborted = stored && loadAborted(files, directory, stored);
  const isUsable = aborted !== undefined && stored!.endOffset <= state.endOffset;
  const usable = isUsable ? stored : undefined;
  const index = isUsable ? aborted : new TransactionIndex();
  const history = LogHistory.restore(usable?.producers ?? [], index, producers);
  const from = usable?.endOffset ?? 0;
  try {
    for (const segment of state.segments.all) {
      if ((state.segments.after(segment)?.baseOffset ?? Infinity) <= from) continue;
      for await (const batch of segment.batches()) {
        if (batch.header.baseOffset >= from) history.apply(batch, state.clock());
      }
    }
  } catch (error) {
    // Its producers are counted among those of all logs.
    history.producers.clear();
    throw error;
  }
  const former = state.history;
  state.history = history;
  state.transactionFile = new TransactionIndexFile(directory, files, usable?.aborted);
  former.producers.clear();
}
