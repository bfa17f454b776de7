import { type AbortedTransaction } from './log-types.js';
import { lowerBound } from './lower-bound.js';

/** Producer id, first offset, the marker's offset, and the last stable offset behind the marker. */
const FIELDS = 4;
/** One entry in a file: its fields as doubles, which hold offsets exactly, big-endian. */
export const ENTRY_BYTES = FIELDS * 8;
const CHUNK_ENTRIES = 1024;
const FIRST_ENTRIES = 8;

interface Chunk {
  fields: Float64Array;
  count: number;
}

/** An aborted transaction with what bounds the search: all that end later begin at or after it. */
export interface IndexedTransaction extends AbortedTransaction {
  readonly lastStableOffset: number;
}

/** Aborted transactions that overlap [from, to), in order of their markers. */
export type AbortedSearch = (from: number, to: number) => readonly AbortedTransaction[];

/**
 * The aborted transactions of a log, in order of their markers (what Kafka keeps in `.txnindex`
 * files). 32 bytes each, since a log may hold millions of them: a transaction that writes one record
 * takes five times as much of the log.
 */
export class TransactionIndex {
  /** Replaced, never changed, except that the last one grows: a search keeps what it began with. */
  private chunks: readonly Chunk[] = [];
  private dropped = 0;
  private size = 0;

  /** How many were forgotten at the front. */
  get first(): number {
    return this.dropped;
  }

  /** How many there were ever; those from `first` on are here. */
  get end(): number {
    return this.dropped + this.size;
  }

  /** Takes one in, whose marker comes after all others. */
  add({ producerId, firstOffset, lastOffset, lastStableOffset }: IndexedTransaction): void {
    const chunk = this.chunkWithRoom();
    chunk.fields.set([producerId, firstOffset, lastOffset, lastStableOffset], chunk.count * FIELDS);
    chunk.count++;
    this.size++;
  }

  /** A search in what is here now, whatever is forgotten meanwhile. */
  get search(): AbortedSearch {
    const { chunks } = this;
    return (from, to) => overlapping(chunks, from, to);
  }

  /** Forgets, by the thousand, transactions that ended before the log's start. */
  truncateStart(startOffset: number): void {
    const kept = this.chunks.slice(chunkFor(this.chunks, startOffset));
    const size = kept.reduce((sum, { count }) => sum + count, 0);
    this.dropped += this.size - size;
    this.size = size;
    this.chunks = kept;
  }

  /** Entries from the one with this number (of `first` to `end`) on, a chunk at a time. */
  *serialize(from: number): Generator<Buffer> {
    let number = this.dropped;
    for (const { fields, count } of this.chunks) {
      const skipped = Math.max(0, from - number);
      number += count;
      if (skipped >= count) continue;
      const bytes = Buffer.alloc((count - skipped) * ENTRY_BYTES);
      for (let at = 0; at < bytes.length; at += 8) {
        bytes.writeDoubleBE(fields[skipped * FIELDS + at / 8]!, at);
      }
      yield bytes;
    }
  }

  /**
   * An index of transactions, in order of their markers.
   * @param open first offsets of those that have not ended
   */
  static of(
    transactions: readonly AbortedTransaction[],
    open: readonly number[],
  ): TransactionIndex {
    const stable: number[] = [];
    let earliest = Math.min(Infinity, ...open);
    for (const { firstOffset, lastOffset } of transactions.toReversed()) {
      stable.push(Math.min(earliest, lastOffset + 1));
      earliest = Math.min(earliest, firstOffset);
    }
    const index = new TransactionIndex();
    for (const each of transactions) index.add({ ...each, lastStableOffset: stable.pop()! });
    return index;
  }

  /** The index of which these are all entries. */
  static deserialize(bytes: Buffer): TransactionIndex {
    const index = new TransactionIndex();
    for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
      index.add({
        producerId: bytes.readDoubleBE(at),
        firstOffset: bytes.readDoubleBE(at + 8),
        lastOffset: bytes.readDoubleBE(at + 16),
        lastStableOffset: bytes.readDoubleBE(at + 24),
      });
    }
    return index;
  }

  private chunkWithRoom(): Chunk {
    const last = this.chunks.at(-1);
    if (last === undefined || last.count === CHUNK_ENTRIES) {
      const entries = last === undefined ? FIRST_ENTRIES : CHUNK_ENTRIES;
      const chunk = { fields: new Float64Array(entries * FIELDS), count: 0 };
      this.chunks = [...this.chunks, chunk];
      return chunk;
    }
    if (last.count * FIELDS === last.fields.length) {
      const larger = new Float64Array(last.fields.length * 2);
      larger.set(last.fields);
      last.fields = larger;
    }
    return last;
  }
}

const MARKER = 2;

/** Index of the first chunk with a marker at or after the offset. */
function chunkFor(chunks: readonly Chunk[], offset: number): number {
  return lowerBound(chunks.length, (at) => {
    const { fields, count } = chunks[at]!;
    return fields[(count - 1) * FIELDS + MARKER]! >= offset;
  });
}

function overlapping(chunks: readonly Chunk[], from: number, to: number): AbortedTransaction[] {
  const found: AbortedTransaction[] = [];
  const firstChunk = chunkFor(chunks, from);
  for (let index = firstChunk; index < chunks.length; index++) {
    const { fields, count } = chunks[index]!;
    const isMarkerFrom = (entry: number): boolean => fields[entry * FIELDS + MARKER]! >= from;
    const first = index === firstChunk ? lowerBound(count, isMarkerFrom) : 0;
    for (let at = first * FIELDS; at < count * FIELDS; at += FIELDS) {
      const firstOffset = fields[at + 1]!;
      if (firstOffset < to) {
        found.push({ producerId: fields[at]!, firstOffset, lastOffset: fields[at + MARKER]! });
      }
      if (fields[at + 3]! >= to) return found;
    }
  }
  return found;
}
