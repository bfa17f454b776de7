import { setImmediate } from 'node:timers/promises';
import {
  BATCH_HEADER_BYTES,
  batchSizeAt,
  lastOffsetAt,
  readLong,
} from '../records/batch-header.js';
import { type BatchView } from '../records/batches.js';
import { maxDecompressedBytes } from '../records/compression/codec.js';
import { RecordCursor } from '../records/record-cursor.js';
import { recordBytes } from '../records/records.js';
import { type FileLease } from './file-pool.js';
import { type LogState } from './log-state.js';
import { type OffsetAtTime } from './log-types.js';
import { type Segment } from './segment.js';

/** Read beyond what was asked, to reach from the index entry to the batch in the same read. */
const SLACK_BYTES = 16 * 1024;
const EMPTY = Buffer.alloc(0);

/** Reads a log's batches and finds records by time. */
export class LogReader {
  constructor(private readonly state: LogState) {}

  /** Whole batches from the one with `offset`, all beginning before offset `bound`. */
  async read(
    offset: number,
    bound: number,
    maxBytes: number,
    atLeastOne: boolean,
  ): Promise<Buffer> {
    const { segments, tail } = this.state;
    const cached = tail.read(offset, bound, maxBytes, atLeastOne);
    if (cached !== undefined) return cached;
    for (let from: number | undefined = offset; from !== undefined;) {
      const at = segments.indexFor(from);
      const segment: Segment = segments.at(at)!;
      if (!segment.hasIndexes) {
        await segment.loadIndexes();
        continue;
      }
      // Before the wait, in which a compaction may put the next one and this one into one file.
      const next: number | undefined = segments.at(at + 1)?.baseOffset;
      const found = await this.readSegment(segment, from, bound, maxBytes, atLeastOne);
      if (found !== undefined) return found;
      from = next;
    }
    return EMPTY;
  }

  /** First record with the time or a later one, below offset `bound`. */
  async findTimestamp(timestamp: number, bound: number): Promise<OffsetAtTime | undefined> {
    const { segments } = this.state;
    let from: number | undefined = this.state.startOffset;
    while (from !== undefined && from < bound) {
      const at = segments.indexFor(from);
      const segment: Segment = segments.at(at)!;
      const next: number | undefined = segments.at(at + 1)?.baseOffset;
      if (segment.maxTimestamp >= timestamp) {
        if (!segment.hasIndexes) {
          await segment.loadIndexes();
          continue;
        }
        const found = await this.findInSegment(segment, timestamp, from, bound);
        if (found !== undefined) return found;
      }
      from = next;
    }
    return undefined;
  }

  private async findInSegment(
    segment: Segment,
    timestamp: number,
    from: number,
    bound: number,
  ): Promise<OffsetAtTime | undefined> {
    const start = segment.positionFor(Math.max(segment.offsetBefore(timestamp), from));
    for await (const batch of segment.batches(start)) {
      if (batch.header.baseOffset >= bound) return undefined;
      if (batch.header.maxTimestamp < timestamp) continue;
      const maxBytes = maxDecompressedBytes(this.state.config().maxMessageBytes);
      const found = firstAt(batch, timestamp, from, maxBytes);
      if (found !== undefined) return found;
      // Batches that promise the time and do not have it may be many, and large once open.
      await setImmediate();
    }
    return undefined;
  }

  /** The first record with the largest time of all, below offset `bound`. */
  async maxTimestamp(bound: number): Promise<OffsetAtTime | undefined> {
    let best: Segment | undefined;
    for (const segment of this.state.segments.all) {
      if (segment.sizeBytes > 0 && segment.maxTimestamp > (best?.maxTimestamp ?? -1))
        best = segment;
    }
    return best && (await this.findTimestamp(best.maxTimestamp, bound));
  }

  /** Undefined when the segment holds no batch at or after the offset. */
  private async readSegment(
    segment: Segment,
    offset: number,
    bound: number,
    maxBytes: number,
    atLeastOne: boolean,
  ): Promise<Buffer | undefined> {
    const end = segment.sizeBytes;
    let position = segment.positionFor(offset);
    const lease = segment.lease();
    try {
      for (;;) {
        let chunk = await this.chunk(
          lease,
          position,
          Math.min(maxBytes + SLACK_BYTES, end - position),
        );
        const skipped = skipTo(chunk, offset);
        if (chunk.length < BATCH_HEADER_BYTES) return undefined;
        if (skipped.found) {
          const whole = skipped.at + batchSizeAt(chunk, skipped.at);
          if (readLong(chunk, skipped.at) >= bound) return EMPTY;
          if (whole - skipped.at > maxBytes && !atLeastOne) return EMPTY;
          if (whole > chunk.length) chunk = await this.chunk(lease, position, whole);
          if (whole > chunk.length) return EMPTY;
          return wholeBatches(chunk, skipped.at, bound, maxBytes);
        }
        if (skipped.at === 0) return undefined;
        position += skipped.at;
      }
    } finally {
      lease.release();
    }
  }

  private async chunk(lease: FileLease, position: number, size: number): Promise<Buffer> {
    const chunk = Buffer.allocUnsafe(Math.max(0, size));
    const count = await this.state.runtime.files.read(lease.fd, chunk, position);
    return chunk.subarray(0, count);
  }
}

/** Passes batches that end before the offset; `at` may lie beyond the chunk. */
function skipTo(chunk: Buffer, offset: number): { readonly at: number; readonly found: boolean } {
  let at = 0;
  while (chunk.length - at >= BATCH_HEADER_BYTES) {
    if (lastOffsetAt(chunk, at) >= offset) return { at, found: true };
    at += batchSizeAt(chunk, at);
  }
  return { at, found: false };
}

/** The batch at `from`, and those behind it that fit. */
function wholeBatches(chunk: Buffer, from: number, bound: number, maxBytes: number): Buffer {
  let end = from + batchSizeAt(chunk, from);
  while (chunk.length - end >= BATCH_HEADER_BYTES) {
    const next = end + batchSizeAt(chunk, end);
    if (next > chunk.length || next - from > maxBytes || readLong(chunk, end) >= bound) break;
    end = next;
  }
  const found = chunk.subarray(from, end);
  // It is held until the client has taken it: not with a chunk that is much larger.
  return found.length < chunk.length / 2 ? Buffer.from(found) : found;
}

/** In one turn of the loop: opened batches that wait for another one would add up. */
function firstAt(
  { header, bytes }: BatchView,
  timestamp: number,
  from: number,
  maxBytes: number,
): OffsetAtTime | undefined {
  const record = new RecordCursor(header, recordBytes(header, bytes, maxBytes));
  while (record.next()) {
    if (record.timestamp < timestamp || record.offset < from) continue;
    const { offset } = record;
    return { offset, timestamp: record.timestamp, leaderEpoch: header.leaderEpoch };
  }
  return undefined;
}
