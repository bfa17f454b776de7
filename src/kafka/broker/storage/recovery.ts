import { checksumHolds, type BatchView } from '../records/batches.js';
import {
  discardCheckpoint,
  hasCheckpoint,
  loadAborted,
  loadCheckpoint,
  type Checkpoint,
} from './checkpoint.js';
import { type CompactionPass } from './compaction-plan.js';
import { type EpochCheckpoint } from './epoch-checkpoint.js';
import { type Clock } from './log-types.js';
import { LogHistory } from './log-history.js';
import { parseFileName, segmentPath } from './segment-files.js';
import { MAX_RELATIVE_OFFSET, type SegmentFacts } from './segment-facts.js';
import { Segment } from './segment.js';
import { settleFiles } from './settle-files.js';
import { type StorageRuntime } from './storage-runtime.js';
import { TransactionIndex } from './transaction-index.js';
import { TransactionIndexFile } from './transaction-index-file.js';

/** A log as recovery left it. */
export interface RecoveredLog {
  /** In order, at least one. */
  readonly segments: readonly Segment[];
  readonly startOffset: number;
  readonly endOffset: number;
  readonly history: LogHistory;
  readonly transactionFile: TransactionIndexFile;
  readonly compactions: readonly CompactionPass[];
  /** Before this offset compaction may have left gaps. */
  readonly cleanedTo: number;
  /** Whether batches were walked or cut, so that a new checkpoint is worth writing. */
  readonly changed: boolean;
}

/** What recovery works on. */
export interface RecoveryOptions {
  readonly directory: string;
  readonly runtime: StorageRuntime;
  readonly epochs: EpochCheckpoint;
  /** The epoch that begins now; batches of a later one cannot be. */
  readonly leaderEpoch: number;
  readonly clock: Clock;
  /** By the topic's configuration as it is now. */
  readonly mayBeCompacted: boolean;
}

/**
 * Brings a directory into a sound state: finishes or undoes compactions, walks the batches that no
 * checkpoint vouches for, cuts at the first bad one and removes what came after it.
 */
export async function recover(options: RecoveryOptions): Promise<RecoveredLog> {
  const { runtime, directory } = options;
  runtime.files.makeDirectory(directory);
  settleFiles(directory, runtime.files);
  const checkpoint = loadCheckpoint(runtime.files, directory);
  const aborted = checkpoint && loadAborted(runtime.files, directory, checkpoint);
  if (checkpoint !== undefined) options.epochs.restore(checkpoint.epochs);
  if (checkpoint !== undefined && aborted !== undefined) {
    const recovered = await new Recovery(options, checkpoint, aborted).run();
    if (recovered.endOffset >= checkpoint.endOffset) return recovered;
    for (const segment of recovered.segments) segment.close();
    recovered.history.producers.clear();
  }
  const recovered = await new Recovery(options, undefined).run(checkpoint);
  if (recovered.endOffset < (checkpoint?.endOffset ?? 0)) {
    await discardCheckpoint(options, recovered.endOffset);
  }
  return recovered;
}

type KnownBefore = Pick<Checkpoint, 'startOffset' | 'cleanedTo' | 'compactions'>;

/** One attempt, with a checkpoint or by walking everything. */
class Recovery {
  private readonly history: LogHistory;
  private readonly segments: Segment[] = [];
  private endOffset = 0;
  /** Before it, gaps are compaction's. */
  private cleanedTo = 0;
  private changed = false;

  constructor(
    private readonly options: RecoveryOptions,
    private readonly checkpoint: Checkpoint | undefined,
    aborted = new TransactionIndex(),
  ) {
    const { producers } = options.runtime;
    this.history = LogHistory.restore(checkpoint?.producers ?? [], aborted, producers);
  }

  /** @param known what is to be believed of a checkpoint, also where its batches are not there */
  async run(known: KnownBefore | undefined = this.checkpoint): Promise<RecoveredLog> {
    const found = this.baseOffsets().map((baseOffset) => this.found(baseOffset));
    this.cleanedTo = known?.cleanedTo ?? this.unknownCleanedTo(found);
    for (const [index, segment] of found.entries()) {
      const follows = index === 0 || this.follows(segment);
      const isWhole = follows && (await this.take(segment));
      if (follows) this.segments.push(segment);
      if (isWhole) continue;
      this.removeFrom(found, follows ? index + 1 : index);
      if (follows) this.cut(segment, index < found.length - 1);
      break;
    }
    return this.finish(known);
  }

  /** Whether a segment neither overlaps those before it nor leaves a gap that is not compaction's. */
  private follows({ baseOffset }: Segment): boolean {
    return baseOffset >= this.endOffset && baseOffset <= Math.max(this.endOffset, this.cleanedTo);
  }

  /** Before the first compaction a checkpoint is stored: without one there was none. */
  private unknownCleanedTo(found: readonly Segment[]): number {
    const { runtime, directory, mayBeCompacted } = this.options;
    if (!mayBeCompacted && !hasCheckpoint(runtime.files, directory)) return 0;
    return found.at(-1)?.baseOffset ?? 0;
  }

  /** The newest first: a crash in between must not leave a hole that looks like a whole log. */
  private removeFrom(found: readonly Segment[], index: number): void {
    for (const segment of found.slice(index).toReversed()) segment.remove();
    this.changed = true;
  }

  /** Ends the log after the segment's last good batch. */
  private cut(segment: Segment, wasClosed: boolean): void {
    segment.cutFile(segment.sizeBytes);
    segment.forgetStoredIndexes();
    // What was compacted is never appended to: only there may offsets have gaps.
    if (wasClosed && segment.sizeBytes > 0) this.segments.push(this.newSegment(this.endOffset));
  }

  private async finish(known: KnownBefore | undefined): Promise<RecoveredLog> {
    const { epochs, directory, runtime } = this.options;
    const startOffset = Math.max(known?.startOffset ?? 0, this.segments[0]?.baseOffset ?? 0);
    if (this.segments.length === 0 || startOffset > this.endOffset) {
      for (const segment of this.segments.splice(0).toReversed()) segment.remove();
      this.segments.push(this.newSegment(startOffset));
      this.endOffset = startOffset;
    }
    epochs.truncateEnd(this.endOffset);
    await this.segments.at(-1)!.loadIndexes();
    return {
      segments: this.segments,
      startOffset,
      endOffset: this.endOffset,
      history: this.history,
      transactionFile: new TransactionIndexFile(directory, runtime.files, this.checkpoint?.aborted),
      compactions: known?.compactions ?? [],
      cleanedTo: Math.min(this.cleanedTo, this.endOffset),
      changed: this.changed,
    };
  }

  private newSegment(baseOffset: number): Segment {
    const { directory, runtime, clock } = this.options;
    return Segment.create(directory, baseOffset, clock(), runtime);
  }

  private baseOffsets(): number[] {
    const { runtime, directory } = this.options;
    const bases: number[] = [];
    for (const name of runtime.files.list(directory)) {
      const file = parseFileName(name);
      if (file.kind === 'log') bases.push(file.baseOffset);
    }
    return bases.sort((a, b) => a - b);
  }

  private found(baseOffset: number): Segment {
    const { runtime, directory, clock } = this.options;
    const stat = runtime.files.stat(segmentPath(directory, baseOffset, 'log'));
    const facts: SegmentFacts = {
      baseOffset,
      sizeBytes: stat?.size ?? 0,
      maxTimestamp: -1,
      maxTimestampOffset: -1,
      createdAt: Math.min(stat?.modifiedAt ?? clock(), clock()),
    };
    return new Segment(directory, facts, runtime);
  }

  /** Takes a segment into the log; false when it ends with its last good batch. */
  private async take(segment: Segment): Promise<boolean> {
    const fileSize = segment.sizeBytes;
    const { segments = [], endOffset = 0 } = this.checkpoint ?? {};
    const at = segments.findIndex(({ baseOffset }) => baseOffset === segment.baseOffset);
    const [facts, after] = [segments[at], segments[at + 1]];
    this.endOffset = Math.max(this.endOffset, segment.baseOffset);
    if (facts === undefined || facts.sizeBytes > fileSize)
      return await this.walk(segment, 0, fileSize);
    const isCheckpointed = after === undefined;
    if (facts.sizeBytes === fileSize || isCheckpointed) {
      Object.assign(segment, facts);
      this.endOffset = Math.max(this.endOffset, after?.baseOffset ?? endOffset);
      if (facts.sizeBytes === fileSize) {
        // What was appended while the checkpoint was written may be in its indexes, and gone.
        if (isCheckpointed) segment.loadStoredIndexes(fileSize, endOffset);
        return true;
      }
      if (segment.loadStoredIndexes(facts.sizeBytes, endOffset)) {
        return await this.walk(segment, facts.sizeBytes, fileSize);
      }
      this.endOffset = segment.baseOffset;
    }
    return await this.walk(segment, 0, fileSize);
  }

  /** Checks the batches from a position on; false when the file has more than good ones. */
  private async walk(segment: Segment, from: number, fileSize: number): Promise<boolean> {
    if (fileSize > 0) this.changed = true;
    if (from === 0) segment.startIndexes();
    for await (const batch of segment.batches(from, fileSize)) {
      if (!this.isPlausible(segment, batch) || !checksumHolds(batch.bytes)) break;
      segment.note(batch, batch.position);
      this.accept(batch);
    }
    return segment.sizeBytes === fileSize;
  }

  /**
   * Offsets lie outside the checksum. The first one is the file's name, each batch follows the one
   * before; only what was compacted has gaps, and even there offsets never go back, nor further
   * than an index can say.
   */
  private isPlausible(segment: Segment, { header }: BatchView): boolean {
    const { baseOffset, lastOffset } = header;
    const mayHaveGap = baseOffset < this.cleanedTo && baseOffset > this.endOffset;
    const follows = baseOffset === this.endOffset || mayHaveGap;
    const inReach = lastOffset - segment.baseOffset <= MAX_RELATIVE_OFFSET;
    return follows && lastOffset >= baseOffset && inReach;
  }

  private accept(batch: BatchView): void {
    const { header } = batch;
    this.endOffset = header.lastOffset + 1;
    const { epochs, leaderEpoch } = this.options;
    if (header.leaderEpoch <= leaderEpoch) epochs.assign(header.leaderEpoch, header.baseOffset);
    if (this.checkpoint !== undefined && header.baseOffset < this.checkpoint.endOffset) return;
    this.history.apply(batch, this.options.clock());
  }
}
