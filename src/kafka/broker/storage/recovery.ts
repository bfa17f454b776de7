import { checksumHolds, type BatchView } from '../records/batches.js';
import { loadCheckpoint, type Checkpoint } from './checkpoint.js';
import { type CompactionPass } from './compaction-plan.js';
import { type EpochCheckpoint } from './epoch-checkpoint.js';
import { type Clock } from './log-types.js';
import { LogHistory } from './log-history.js';
import { parseFileName, segmentPath, swapPath } from './segment-files.js';
import { type SegmentFacts } from './segment-facts.js';
import { Segment } from './segment.js';
import { type StorageRuntime } from './storage-runtime.js';
import { join } from 'node:path';

const MAX_RELATIVE_OFFSET = 0x7fffffff;

/** A log as recovery left it. */
export interface RecoveredLog {
  /** In order, at least one. */
  readonly segments: readonly Segment[];
  readonly startOffset: number;
  readonly endOffset: number;
  readonly history: LogHistory;
  readonly compactions: readonly CompactionPass[];
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
}

/**
 * Brings a directory into a sound state: finishes or undoes compactions, walks the batches that no
 * checkpoint vouches for, cuts at the first bad one and removes what came after it.
 */
export async function recover(options: RecoveryOptions): Promise<RecoveredLog> {
  const { runtime, directory } = options;
  runtime.files.makeDirectory(directory);
  settleFiles(options);
  const checkpoint = loadCheckpoint(runtime.files, directory);
  if (checkpoint !== undefined) {
    options.epochs.restore(checkpoint.epochs);
    const recovered = await new Recovery(options, checkpoint).run();
    if (recovered.endOffset >= checkpoint.endOffset) return recovered;
    for (const segment of recovered.segments) segment.close();
  }
  return await new Recovery(options, undefined).run(checkpoint?.startOffset);
}

/** Completes swaps, removes leftovers and indexes without a segment. */
function settleFiles({ directory, runtime }: RecoveryOptions): void {
  const { files } = runtime;
  const names = files.list(directory).map((name) => ({ name, file: parseFileName(name) }));
  for (const { file } of names) {
    if (file.kind !== 'swap') continue;
    for (const { file: old } of names) {
      if (!('baseOffset' in old) || old.kind === 'swap') continue;
      if (old.baseOffset < file.baseOffset || old.baseOffset >= file.endOffset) continue;
      files.remove(segmentPath(directory, old.baseOffset, old.kind));
    }
    const from = swapPath(directory, file.baseOffset, file.endOffset);
    files.rename(from, segmentPath(directory, file.baseOffset, 'log'));
  }
  const logs = new Set<number>();
  for (const name of files.list(directory)) {
    const file = parseFileName(name);
    if (file.kind === 'log') logs.add(file.baseOffset);
  }
  for (const { name, file } of names) {
    const orphan =
      (file.kind === 'index' || file.kind === 'timeindex') && !logs.has(file.baseOffset);
    if (orphan || file.kind === 'leftover') files.remove(join(directory, name));
  }
}

/** One attempt, with a checkpoint or by walking everything. */
class Recovery {
  private readonly history: LogHistory;
  private readonly segments: Segment[] = [];
  private endOffset = 0;
  private changed = false;

  constructor(
    private readonly options: RecoveryOptions,
    private readonly checkpoint: Checkpoint | undefined,
  ) {
    this.history = LogHistory.restore(checkpoint?.producers ?? [], checkpoint?.aborted ?? []);
  }

  async run(knownStart = this.checkpoint?.startOffset ?? 0): Promise<RecoveredLog> {
    const bases = this.baseOffsets();
    let cut = false;
    for (const [index, baseOffset] of bases.entries()) {
      const segment = this.found(baseOffset);
      if (cut || (index > 0 && baseOffset < this.endOffset)) {
        cut = true;
        segment.remove();
        continue;
      }
      this.segments.push(segment);
      cut = !(await this.take(segment));
    }
    return this.finish(knownStart);
  }

  private async finish(knownStart: number): Promise<RecoveredLog> {
    const { directory, runtime, clock, epochs } = this.options;
    const startOffset = Math.max(knownStart, this.segments[0]?.baseOffset ?? 0);
    if (this.segments.length === 0 || startOffset > this.endOffset) {
      for (const segment of this.segments.splice(0)) segment.remove();
      this.segments.push(Segment.create(directory, startOffset, clock(), runtime));
      this.endOffset = startOffset;
    }
    epochs.truncateEnd(this.endOffset);
    await this.segments.at(-1)!.loadIndexes();
    return {
      segments: this.segments,
      startOffset,
      endOffset: this.endOffset,
      history: this.history,
      compactions: this.checkpoint?.compactions ?? [],
      changed: this.changed,
    };
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

  /** Takes a segment into the log; false when it had to be cut. */
  private async take(segment: Segment): Promise<boolean> {
    const fileSize = segment.sizeBytes;
    const { checkpoint } = this;
    const facts = checkpoint?.segments.find(({ baseOffset }) => baseOffset === segment.baseOffset);
    this.endOffset = Math.max(this.endOffset, segment.baseOffset);
    if (facts === undefined || facts.sizeBytes > fileSize)
      return await this.walk(segment, 0, fileSize);
    const isCheckpointed = facts.baseOffset === checkpoint?.segments.at(-1)?.baseOffset;
    if (facts.sizeBytes === fileSize || isCheckpointed) {
      Object.assign(segment, facts);
      if (isCheckpointed) this.endOffset = Math.max(this.endOffset, checkpoint.endOffset);
      if (facts.sizeBytes === fileSize) return true;
      if (segment.loadStoredIndexes(facts.sizeBytes, checkpoint!.endOffset)) {
        return await this.walk(segment, facts.sizeBytes, fileSize);
      }
      this.endOffset = segment.baseOffset;
    }
    return await this.walk(segment, 0, fileSize);
  }

  /** Checks the batches from a position on; cuts the file after the last good one. */
  private async walk(segment: Segment, from: number, fileSize: number): Promise<boolean> {
    if (fileSize > 0) this.changed = true;
    if (from === 0) segment.startIndexes();
    for await (const batch of segment.batches(from, fileSize)) {
      if (!this.isPlausible(segment, batch) || !checksumHolds(batch.bytes)) break;
      segment.note(batch, batch.position);
      this.accept(batch);
    }
    if (segment.sizeBytes === fileSize) return true;
    segment.cutFile(segment.sizeBytes);
    segment.forgetStoredIndexes();
    return false;
  }

  /** Offsets lie outside the checksum: they must not go back, nor further than an index can say. */
  private isPlausible(segment: Segment, { header }: BatchView): boolean {
    const { baseOffset, lastOffset } = header;
    const ordered = baseOffset >= this.endOffset && lastOffset >= baseOffset;
    return ordered && lastOffset - segment.baseOffset <= MAX_RELATIVE_OFFSET;
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
