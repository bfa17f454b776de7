import { BackwardBits, broken, highestBit } from './bits.js';
import { FseState, readFseTable } from './fse.js';

/** A Huffman code (RFC 8878, 4.2): by the next `maxBits` bits the symbol and the bits it takes. */
export interface HuffmanTable {
  readonly maxBits: number;
  readonly symbols: Uint8Array;
  readonly bitCounts: Uint8Array;
}

const LONGEST_CODE = 11;
const WEIGHT_LIMITS = { maxAccuracyLog: 6, maxSymbol: LONGEST_CODE + 1 };
const DIRECT_FROM = 128;
/** There are 256 symbols, and the last one's weight is not written. */
const MAX_WEIGHTS = 255;

/** Reads the description of a code; tells how many bytes it takes. */
export function readHuffmanTable(bytes: Uint8Array): {
  readonly table: HuffmanTable;
  readonly byteLength: number;
} {
  const header = bytes[0];
  if (header === undefined) throw broken();
  const direct = header >= DIRECT_FROM;
  const count = header - DIRECT_FROM + 1;
  const byteLength = 1 + (direct ? (count + 1) >> 1 : header);
  if (byteLength > bytes.length) throw broken();
  const described = bytes.subarray(1, byteLength);
  const weights = direct ? directWeights(described, count) : compressedWeights(described);
  return { table: huffmanTable(weights), byteLength };
}

function directWeights(bytes: Uint8Array, count: number): number[] {
  return Array.from({ length: count }, (_, i) => (bytes[i >> 1]! >> (i % 2 === 0 ? 4 : 0)) & 15);
}

/** Two states take turns until the bits are used up; the other one then has a last weight. */
function compressedWeights(bytes: Uint8Array): number[] {
  const { table, byteLength } = readFseTable(bytes, WEIGHT_LIMITS);
  const bits = new BackwardBits(bytes.subarray(byteLength));
  let [current, other] = [new FseState(table, bits), new FseState(table, bits)];
  const weights: number[] = [];
  while (weights.length < MAX_WEIGHTS - 1) {
    weights.push(current.symbol);
    current.advance();
    if (bits.left < 0) return [...weights, other.symbol];
    [current, other] = [other, current];
  }
  throw broken();
}

/** The last symbol's weight is not written: it is what makes the sum a power of two. */
function huffmanTable(written: readonly number[]): HuffmanTable {
  const sum = written.reduce((total, weight) => total + (weight > 0 ? 2 ** (weight - 1) : 0), 0);
  if (sum === 0) throw broken();
  const maxBits = highestBit(sum) + 1;
  const rest = 2 ** maxBits - sum;
  if (maxBits > LONGEST_CODE || rest !== 1 << highestBit(rest)) throw broken();
  const weights = [...written, highestBit(rest) + 1];
  const symbols = new Uint8Array(1 << maxBits);
  const bitCounts = new Uint8Array(1 << maxBits);
  let at = 0;
  for (let weight = 1; weight <= maxBits; weight++) {
    for (const [symbol, its] of weights.entries()) {
      if (its !== weight) continue;
      const end = at + (1 << (weight - 1));
      symbols.fill(symbol, at, end);
      bitCounts.fill(maxBits + 1 - weight, at, end);
      at = end;
    }
  }
  return { maxBits, symbols, bitCounts };
}

/** Decodes one stream into `out`, which it must fill exactly. */
export function decodeHuffman(table: HuffmanTable, bytes: Uint8Array, out: Uint8Array): void {
  const { maxBits, symbols, bitCounts } = table;
  const bits = new BackwardBits(bytes);
  const mask = (1 << maxBits) - 1;
  let window = bits.read(maxBits);
  for (let i = 0; i < out.length; i++) {
    out[i] = symbols[window]!;
    const count = bitCounts[window]!;
    window = ((window << count) & mask) + bits.read(count);
  }
  if (bits.left !== -maxBits) throw broken();
}
