import { isTransactional, parseBatchHeader, type BatchHeader } from '../records/batch-header.js';
import { maxDecompressedBytes } from '../records/compression/codec.js';
import { type Cleaning } from './cleaning.js';
import {
  type CompactionPlan,
  groupSegments,
  isOverdue,
  passesAfter,
  planCompaction,
} from './compaction-plan.js';
import { NewestRecords } from './newest-records.js';
import { segmentPath, swapPath } from './segment-files.js';
import { Segment } from './segment.js';

/** Keys held in memory by one run; what does not fit waits for the next. */
const MAX_KEYS = 2_000_000;
const WRITE_BYTES = 1024 * 1024;

/** One run of compaction, when it is time. @returns whether the log was compacted */
export async function compactLog(cleaning: Cleaning, maxKeys = MAX_KEYS): Promise<boolean> {
  const { state, now } = cleaning;
  // Only closed segments are compacted, and nobody may come to append what would close this one.
  if (isOverdue(state.segments.active.facts, state.config(), now)) cleaning.roll();
  const planned = planCompaction({
    segments: state.segments.all.map(({ facts }) => facts),
    passes: state.compactions,
    lastStableOffset: cleaning.lastStableOffset,
    config: state.config(),
    now,
  });
  if (planned === undefined) return false;
  state.cleanedTo = Math.max(state.cleanedTo, planned.cleanTo);
  await cleaning.checkpoint();
  const compaction = new Compaction(cleaning, planned, maxKeys);
  if (!(await compaction.run())) return false;
  state.compactions = passesAfter(state.compactions, compaction.plan, now);
  await cleaning.checkpoint();
  return true;
}

/** Rewrites segments with the newest record of each key, and puts them in the old ones' place. */
class Compaction {
  private readonly newest: NewestRecords;
  /** Whether the group at hand lost a record. */
  private dropped = false;

  constructor(
    private readonly cleaning: Cleaning,
    public plan: CompactionPlan,
    maxKeys: number,
  ) {
    this.newest = new NewestRecords({
      maxBatchBytes: maxDecompressedBytes(cleaning.state.config().maxMessageBytes),
      tombstonesBefore: plan.tombstonesBefore,
      isAborted: (header) => this.isAborted(header),
      maxKeys,
    });
  }

  /** False when the log was closed meanwhile; what was finished by then stays. */
  async run(): Promise<boolean> {
    await this.findNewest();
    const { state } = this.cleaning;
    const segments = state.segments.all.filter(({ baseOffset }) => baseOffset < this.plan.cleanTo);
    const end = state.segments.all.find(
      ({ baseOffset }) => baseOffset >= this.plan.cleanTo,
    )!.baseOffset;
    for (const group of groupSegments(segments, state.config().segmentBytes, end)) {
      if (!(await this.rewrite(group))) return false;
    }
    return true;
  }

  private async findNewest(): Promise<void> {
    const { dirtyFrom, cleanTo } = this.plan;
    const { state } = this.cleaning;
    for (const segment of state.segments.all) {
      if (segment.baseOffset >= this.plan.cleanTo) break;
      if ((state.segments.after(segment)?.baseOffset ?? cleanTo) <= dirtyFrom) continue;
      for await (const batch of segment.batches()) {
        if (this.cleaning.isClosed()) return;
        if (batch.header.lastOffset < dirtyFrom || (await this.newest.note(batch))) continue;
        // The rest of the segment is rewritten too, but is to be noted by the next run.
        this.plan = { ...this.plan, cleanTo: batch.header.baseOffset };
        return;
      }
    }
  }

  private async rewrite(group: readonly Segment[]): Promise<boolean> {
    const { state } = this.cleaning;
    const { files } = state.runtime;
    const first = group[0]!;
    const path = segmentPath(state.directory, first.baseOffset, 'cleaned');
    const by = new Segment(state.directory, { ...first.facts, sizeBytes: 0 }, state.runtime);
    by.startIndexes();
    this.dropped = false;
    const fd = files.open(path, true);
    let finished = false;
    try {
      files.truncate(fd, 0);
      const isCopied = await this.copy(group, by, fd);
      if (isCopied && this.cleaning.durable) await files.sync(fd);
      finished = isCopied;
    } finally {
      files.close(fd);
      if (!finished) files.remove(path);
    }
    if (!finished) return false;
    if (group.length === 1 && !this.dropped) files.remove(path);
    else await this.swap(group, by, path);
    return true;
  }

  /** Writes what stays of the group; false when the log was closed meanwhile. */
  private async copy(group: readonly Segment[], into: Segment, fd: number): Promise<boolean> {
    const { files } = this.cleaning.state.runtime;
    let pending: Buffer[] = [];
    let pendingBytes = 0;
    const write = (): void => {
      files.write(fd, Buffer.concat(pending, pendingBytes), into.sizeBytes - pendingBytes);
      pending = [];
      pendingBytes = 0;
    };
    for (const segment of group) {
      for await (const batch of segment.batches()) {
        if (this.cleaning.isClosed()) return false;
        const bytes = await this.newest.filter(batch);
        if (bytes !== batch.bytes) this.dropped = true;
        if (bytes === undefined) continue;
        const position = into.sizeBytes;
        into.note({ header: parseBatchHeader(bytes), position, bytes }, position);
        pending.push(bytes);
        pendingBytes += bytes.length;
        if (pendingBytes >= WRITE_BYTES) write();
      }
    }
    write();
    return true;
  }

  private isAborted(header: BatchHeader): boolean {
    if (!isTransactional(header)) return false;
    return this.cleaning.state.history.aborted
      .search(header.baseOffset, header.lastOffset + 1)
      .some(({ producerId }) => producerId === header.producerId);
  }

  /**
   * From the first rename on the result counts: recovery finishes what a crash leaves undone. The
   * old files go only when that rename is on the disk, and in one turn of the event loop; readers
   * keep them open.
   */
  private async swap(group: readonly Segment[], by: Segment, cleaned: string): Promise<void> {
    const { state } = this.cleaning;
    const { files } = state.runtime;
    const end = state.segments.after(group.at(-1)!)!.baseOffset;
    const swap = swapPath(state.directory, by.baseOffset, end);
    files.rename(cleaned, swap);
    try {
      if (this.cleaning.durable) await files.syncPath(state.directory);
    } catch (error) {
      // Left behind it would replace, at the next start, what was compacted and closed since.
      files.remove(swap);
      throw error;
    }
    group[0]!.close();
    for (const old of group.slice(1)) old.remove();
    by.forgetStoredIndexes();
    files.rename(swap, segmentPath(state.directory, by.baseOffset, 'log'));
    state.segments.replace(group, by);
    state.tail.clear();
  }
}
