import { isControl, parseBatchHeader } from '../records/batch-header.js';
import { placeBatch, stampLogAppendTime, validateBatches } from '../records/batches.js';
import { type BatchView } from '../records/batches.js';
import { checkBatches } from './append-check.js';
import { type LogConfig } from './log-config.js';
import { type LogState } from './log-state.js';
import { type AppendOptions, type AppendResult } from './log-types.js';
import { MAX_RELATIVE_OFFSET } from './segment-facts.js';
import { Segment } from './segment.js';
import { LogStorageFailed } from './storage.errors.js';

/** Positions in a segment's file are 31 bit, as offsets in it are. */
const MAX_SEGMENT_BYTES = 0x7fffffff;

/**
 * Appends checked batches to the active segment, all of it between two turns of the event loop: a
 * failure leaves no trace, and appends cannot overtake each other.
 */
export class Appender {
  constructor(
    private readonly state: LogState,
    private readonly onRoll: (closed: Segment) => void,
  ) {}

  /** @throws RecordsError, StorageError */
  append(bytes: Buffer, options: AppendOptions): AppendResult {
    const { state } = this;
    const config = state.config();
    const batches = validateBatches(bytes);
    const now = state.clock();
    checkBatches(batches, config, options, now);
    const repeated = state.history.producers.check(batches.map(({ header }) => header));
    const { startOffset: logStartOffset } = state;
    if (repeated !== undefined) {
      const { baseOffset, lastOffset } = repeated;
      return { baseOffset, lastOffset, logStartOffset, logAppendTime: -1, duplicate: true };
    }
    const logAppendTime = config.messageTimestampType === 'LogAppendTime' ? now : -1;
    const placed = this.place(batches, bytes, logAppendTime);
    this.write(bytes, placed, config, now);
    const lastOffset = placed.at(-1)!.header.lastOffset;
    const { baseOffset } = placed[0]!.header;
    return { baseOffset, lastOffset, logStartOffset, logAppendTime, duplicate: false };
  }

  /** Closes the active segment and begins a new one at the log's end. */
  roll(): void {
    const { state } = this;
    const closed = state.segments.active;
    if (closed.sizeBytes === 0) return;
    closed.cutDirtyEnd();
    state.segments.push(
      Segment.create(state.directory, state.endOffset, state.clock(), state.runtime),
    );
    this.onRoll(closed);
  }

  private place(batches: readonly BatchView[], bytes: Buffer, time: number): readonly BatchView[] {
    let offset = this.state.endOffset;
    return batches.map((batch) => {
      placeBatch(batch.bytes, offset, this.state.leaderEpoch);
      if (time >= 0 && !isControl(batch.header)) stampLogAppendTime(batch.bytes, time);
      const header = parseBatchHeader(bytes, batch.position);
      offset = header.lastOffset + 1;
      return { ...batch, header };
    });
  }

  private write(bytes: Buffer, placed: readonly BatchView[], config: LogConfig, now: number): void {
    const { state } = this;
    try {
      if (this.isFull(bytes.length, placed.at(-1)!.header.lastOffset, config, now)) this.roll();
      state.epochs.assign(state.leaderEpoch, state.endOffset);
    } catch (error) {
      throw new LogStorageFailed('the log could not be extended', { cause: error });
    }
    const { active } = state.segments;
    if (active.sizeBytes === 0) active.createdAt = now;
    active.append(bytes, placed);
    for (const batch of placed) {
      state.history.apply(batch, now);
      state.tail.push(batch);
    }
    state.endOffset = placed.at(-1)!.header.lastOffset + 1;
  }

  private isFull(more: number, lastOffset: number, config: LogConfig, now: number): boolean {
    const { active } = this.state.segments;
    if (active.sizeBytes === 0) return false;
    const limit = Math.min(config.segmentBytes, MAX_SEGMENT_BYTES);
    return (
      active.sizeBytes + more > limit ||
      now - active.createdAt > config.segmentMs ||
      lastOffset - active.baseOffset > MAX_RELATIVE_OFFSET
    );
  }
}
