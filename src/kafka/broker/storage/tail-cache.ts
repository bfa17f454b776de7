import { type BatchView } from '../records/batches.js';
import { lowerBound } from './lower-bound.js';

/** What a cached batch takes beside its bytes, about. */
const OVERHEAD_BYTES = 256;

/** A batch in memory. */
interface CachedBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly bytes: Buffer;
}

/**
 * Recent appends of all logs, within one bound in bytes: first in, first out. A consumer that keeps
 * up never touches a file, nor waits behind an fdatasync for a thread.
 */
export class TailCache {
  private queue: { readonly tail: LogTail; readonly bytes: number }[] = [];
  private head = 0;
  private held = 0;

  constructor(private readonly maxBytes: number) {}

  /** The cached end of one log. */
  tail(): LogTail {
    return new LogTail(this);
  }

  /** For LogTail: counts a batch, and drops the oldest of all logs beyond the bound. */
  added(tail: LogTail, bytes: number): void {
    this.queue.push({ tail, bytes });
    this.held += bytes;
    while (this.held > this.maxBytes && this.head < this.queue.length) {
      const oldest = this.queue[this.head++]!;
      this.held -= oldest.bytes;
      oldest.tail.dropOldest();
    }
    if (this.head > 1024 && this.head * 2 > this.queue.length) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
  }
}

/** The newest batches of one log, without a hole up to its end. */
export class LogTail {
  private batches: CachedBatch[] = [];
  private head = 0;
  /** Batches that were cleared, and are still to be dropped in their turn. */
  private cleared = 0;

  constructor(private readonly cache: TailCache) {}

  push(batch: BatchView): void {
    const { baseOffset, lastOffset } = batch.header;
    const bytes = ownBytes(batch.bytes);
    this.batches.push({ baseOffset, lastOffset, bytes });
    this.cache.added(this, bytes.length + OVERHEAD_BYTES);
  }

  dropOldest(): void {
    if (this.cleared > 0) {
      this.cleared--;
      return;
    }
    this.head++;
    if (this.head > 64 && this.head * 2 > this.batches.length) {
      this.batches = this.batches.slice(this.head);
      this.head = 0;
    }
  }

  /** Forgets everything: what lies in the files is no longer the same. */
  clear(): void {
    this.cleared += this.batches.length - this.head;
    this.batches = [];
    this.head = 0;
  }

  /**
   * Whole batches from the one with `offset`, before offset `bound`; undefined when the cache does
   * not reach back so far.
   */
  read(offset: number, bound: number, maxBytes: number, atLeastOne: boolean): Buffer | undefined {
    const first = this.batches[this.head];
    if (first === undefined || offset < first.baseOffset) return undefined;
    const found: Buffer[] = [];
    let total = 0;
    for (let at = this.indexOf(offset); at < this.batches.length; at++) {
      const { baseOffset, bytes } = this.batches[at]!;
      if (baseOffset >= bound) break;
      if (total + bytes.length > maxBytes && !(atLeastOne && found.length === 0)) break;
      found.push(bytes);
      total += bytes.length;
    }
    return found.length === 1 ? found[0] : Buffer.concat(found, total);
  }

  /** Index of the first batch that ends at or after the offset. */
  private indexOf(offset: number): number {
    const { batches, head } = this;
    const isFrom = (at: number): boolean => batches[head + at]!.lastOffset >= offset;
    return head + lowerBound(batches.length - head, isFrom);
  }
}

/** Copies a slice that would keep a larger network buffer alive. */
function ownBytes(bytes: Buffer): Buffer {
  return bytes.buffer.byteLength > 2 * bytes.length + OVERHEAD_BYTES ? Buffer.from(bytes) : bytes;
}
