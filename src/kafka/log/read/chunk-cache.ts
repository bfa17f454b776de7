import type { BatchRecord } from '../protocol/decode-batches.js';

/** What one fetch gave of a partition: every readable record with `from` <= offset < `next`. */
export interface Chunk {
  readonly from: number;
  readonly next: number;
  readonly records: readonly BatchRecord[];
  /** Of its last batch, whether readers see that one's records or not; -1: it has none. */
  readonly leaderEpoch: number;
  /** Bytes that it keeps in memory, about. */
  readonly bytes: number;
}

/** One partition's chunks in a cache, sorted by `from`; they do not overlap in what they start. */
export interface PartitionChunks {
  /** The chunk that holds `offset`. */
  find(offset: number): Chunk | undefined;
  add(chunk: Chunk): void;
  /** Bytes from `offset` to the end of what was read without a break. */
  bytesAfter(offset: number): number;
  clear(): void;
}

/**
 * Chunks of all partitions, bounded in bytes: what was used longest ago goes first. Readers of one
 * partition share it, so that each stretch is fetched once.
 */
export class ChunkCache {
  /** In the order of use. */
  private readonly owners = new Map<Chunk, SortedChunks>();
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  partition(): PartitionChunks {
    return new SortedChunks(this);
  }

  /** @internal */
  touch(chunk: Chunk, owner: SortedChunks): void {
    if (this.owners.delete(chunk)) this.bytes -= chunk.bytes;
    this.owners.set(chunk, owner);
    this.bytes += chunk.bytes;
    for (const [oldest, holder] of this.owners) {
      if (this.bytes <= this.maxBytes || oldest === chunk) break;
      holder.remove(oldest);
    }
  }

  /** @internal */
  release(chunk: Chunk): void {
    if (this.owners.delete(chunk)) this.bytes -= chunk.bytes;
  }

  /** Bytes held now. */
  get heldBytes(): number {
    return this.bytes;
  }
}

class SortedChunks implements PartitionChunks {
  private chunks: Chunk[] = [];

  constructor(private readonly cache: ChunkCache) {}

  find(offset: number): Chunk | undefined {
    const chunk = this.chunks[this.lastFrom(offset)];
    if (chunk === undefined || chunk.next <= offset) return undefined;
    this.cache.touch(chunk, this);
    return chunk;
  }

  add(chunk: Chunk): void {
    if (chunk.next <= chunk.from) return;
    const at = this.lastFrom(chunk.from);
    const known = this.chunks[at];
    if (known?.from === chunk.from) {
      if (known.next >= chunk.next) return;
      this.cache.release(known);
      this.chunks[at] = chunk;
    } else this.chunks.splice(at + 1, 0, chunk);
    this.cache.touch(chunk, this);
  }

  bytesAfter(offset: number): number {
    let bytes = 0;
    for (let at = this.chunks.length - 1; at >= 0; at -= 1) {
      const chunk = this.chunks[at];
      if (chunk === undefined || chunk.from < offset) break;
      bytes += chunk.bytes;
    }
    return bytes;
  }

  clear(): void {
    for (const chunk of this.chunks) this.cache.release(chunk);
    this.chunks = [];
  }

  /** @internal */
  remove(chunk: Chunk): void {
    this.cache.release(chunk);
    const at = this.lastFrom(chunk.from);
    if (this.chunks[at] === chunk) this.chunks.splice(at, 1);
  }

  /** Index of the last chunk that begins at or before `offset`; -1: none. */
  private lastFrom(offset: number): number {
    let low = 0;
    let high = this.chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.chunks[middle]?.from ?? Infinity) <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
