import { type BackwardBits, broken, ForwardBits, highestBit } from './bits.js';

/** A table of Finite State Entropy (RFC 8878, 4.1): by state its symbol and the way to the next. */
export interface FseTable {
  readonly accuracyLog: number;
  readonly symbols: Uint8Array;
  readonly bitCounts: Uint8Array;
  readonly baselines: Uint16Array;
}

/** Bounds of one kind of table. */
export interface FseLimits {
  readonly maxAccuracyLog: number;
  readonly maxSymbol: number;
}

const SMALLEST_LOG = 5;

/** Reads the description of a table; tells how many bytes it takes. */
export function readFseTable(
  bytes: Uint8Array,
  { maxAccuracyLog, maxSymbol }: FseLimits,
): { readonly table: FseTable; readonly byteLength: number } {
  const bits = new ForwardBits(bytes);
  const accuracyLog = bits.read(4) + SMALLEST_LOG;
  if (accuracyLog > maxAccuracyLog) throw broken();
  const counts: number[] = [];
  let remaining = 1 << accuracyLog;
  while (remaining > 0) {
    const count = readCount(bits, remaining);
    counts.push(count);
    remaining -= Math.abs(count);
    if (count === 0) pushZeros(bits, counts);
    if (counts.length > maxSymbol + 1) throw broken();
  }
  return { table: fseTable(accuracyLog, counts), byteLength: bits.byteLength };
}

/** A probability, −1 for "less than 1": of a value that is no power of two, some take a bit less. */
function readCount(bits: ForwardBits, remaining: number): number {
  const width = highestBit(remaining + 1) + 1;
  const spare = (1 << width) - 2 - remaining;
  const low = bits.peek(width - 1);
  if (low < spare) {
    bits.skip(width - 1);
    return low - 1;
  }
  const value = bits.peek(width);
  bits.skip(width);
  return (value >= 1 << (width - 1) ? value - spare : value) - 1;
}

function pushZeros(bits: ForwardBits, counts: number[]): void {
  for (let more = 3; more === 3;) {
    more = bits.peek(2);
    bits.skip(2);
    for (let i = 0; i < more; i++) counts.push(0);
    if (counts.length > 256) throw broken();
  }
}

/** Builds a table from the probabilities of its symbols, of which the sum is 2^accuracyLog. */
export function fseTable(accuracyLog: number, counts: readonly number[]): FseTable {
  const size = 1 << accuracyLog;
  const symbols = spread(size, counts);
  const bitCounts = new Uint8Array(size);
  const baselines = new Uint16Array(size);
  const next = counts.map((count) => Math.abs(count));
  for (let state = 0; state < size; state++) {
    const value = next[symbols[state]!]!++;
    const bitCount = accuracyLog - highestBit(value);
    bitCounts[state] = bitCount;
    baselines[state] = (value << bitCount) - size;
  }
  return { accuracyLog, symbols, bitCounts, baselines };
}

/** Gives every symbol its states: the rarest at the end, the rest in steps over the table. */
function spread(size: number, counts: readonly number[]): Uint8Array {
  const symbols = new Uint8Array(size);
  let end = size;
  for (const [symbol, count] of counts.entries()) {
    if (count === -1) symbols[--end] = symbol;
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  for (const [symbol, count] of counts.entries()) {
    for (let i = 0; i < count; i++) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at >= end);
    }
  }
  return symbols;
}

/** A table with one symbol, which takes no bits. */
export function singleSymbol(symbol: number): FseTable {
  return {
    accuracyLog: 0,
    symbols: Uint8Array.of(symbol),
    bitCounts: new Uint8Array(1),
    baselines: new Uint16Array(1),
  };
}

/** Where in a table a stream is. */
export class FseState {
  private state: number;

  constructor(
    private readonly table: FseTable,
    private readonly bits: BackwardBits,
  ) {
    this.state = bits.read(table.accuracyLog);
  }

  get symbol(): number {
    return this.table.symbols[this.state]!;
  }

  advance(): void {
    const { baselines, bitCounts } = this.table;
    this.state = baselines[this.state]! + this.bits.read(bitCounts[this.state]!);
  }
}
