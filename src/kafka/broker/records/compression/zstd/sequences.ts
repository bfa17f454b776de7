import type { Output } from '../output.js';
import { BackwardBits, broken } from './bits.js';
import { FseState, type FseTable, fseTable, readFseTable, singleSymbol } from './fse.js';

/** What sequences are made of, in the order of their tables. */
const PARTS = ['literalLength', 'offset', 'matchLength'] as const;
type Part = (typeof PARTS)[number];

/** Tables that the next block may use again. */
export type SequenceTables = Partial<Record<Part, FseTable>>;

const times = (count: number, value: number): number[] =>
  Array.from({ length: count }, () => value);

const LIMITS = {
  literalLength: { maxAccuracyLog: 9, maxSymbol: 35 },
  offset: { maxAccuracyLog: 8, maxSymbol: 31 },
  matchLength: { maxAccuracyLog: 9, maxSymbol: 52 },
} as const;

/** RFC 8878, 3.1.1.3.2.2. */
const PREDEFINED: Readonly<Record<Part, FseTable>> = {
  literalLength: fseTable(6, [
    4,
    3,
    ...times(11, 2),
    1,
    1,
    1,
    ...times(9, 2),
    3,
    2,
    ...times(5, 1),
    ...times(4, -1),
  ]),
  offset: fseTable(5, [...times(6, 1), 2, 2, 2, ...times(15, 1), ...times(5, -1)]),
  matchLength: fseTable(6, [1, 4, 3, ...times(6, 2), ...times(37, 1), ...times(7, -1)]),
};

/** Extra bits of the codes that have some, which begin where the codes without end. */
const LITERAL_BITS = [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const MATCH_BITS = [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

/** Lengths by code: its least value, and the bits that are added to it. */
class LengthCodes {
  private readonly bits: readonly number[];
  private readonly least: number[] = [];

  constructor(first: number, plain: number, extra: readonly number[]) {
    this.bits = [...times(plain, 0), ...extra];
    let value = first;
    for (const count of this.bits) {
      this.least.push(value);
      value += 2 ** count;
    }
  }

  read(code: number, bits: BackwardBits): number {
    return this.least[code]! + bits.read(this.bits[code]!);
  }
}

const LITERAL_LENGTHS = new LengthCodes(0, 16, LITERAL_BITS);
const MATCH_LENGTHS = new LengthCodes(3, 32, MATCH_BITS);

/** The three offsets used last (3.1.1.5). */
export class RecentOffsets {
  private first = 1;
  private second = 4;
  private third = 8;

  /** The distance that a value stands for. */
  take(value: number, literalLength: number): number {
    const index = value > 3 ? 4 : value + (literalLength === 0 ? 1 : 0);
    if (index === 1) return this.first;
    const { first, second, third } = this;
    const distance = value > 3 ? value - 3 : index === 2 ? second : index === 3 ? third : first - 1;
    if (index !== 2) this.third = second;
    this.second = first;
    this.first = distance;
    return distance;
  }
}

/** What of a frame the sequences of a block work with. */
export interface SequenceContext {
  readonly tables: SequenceTables;
  readonly offsets: RecentOffsets;
  readonly out: Output;
}

/** Carries out the sequences section of a block: literals and matches take turns (3.1.1.3.2). */
export function runSequences(
  section: Uint8Array,
  literals: Uint8Array,
  { tables, offsets, out }: SequenceContext,
): void {
  const { count, start } = sequenceCount(section);
  let used = 0;
  if (count > 0) {
    const bits = new BackwardBits(section.subarray(readTables(section, start, tables)));
    const [lengths, distances, matches] = PARTS.map(
      (part) => new FseState(tables[part]!, bits),
    ) as [FseState, FseState, FseState];
    for (let i = 0; i < count; i++) {
      const offset = 2 ** distances.symbol + bits.read(distances.symbol);
      const matchLength = MATCH_LENGTHS.read(matches.symbol, bits);
      const literalLength = LITERAL_LENGTHS.read(lengths.symbol, bits);
      if (used + literalLength > literals.length || bits.left < 0) throw broken();
      out.literal(literals, used, used + literalLength);
      used += literalLength;
      out.match(offsets.take(offset, literalLength), matchLength);
      if (i === count - 1) break;
      lengths.advance();
      matches.advance();
      distances.advance();
    }
    if (bits.left !== 0) throw broken();
  }
  out.literal(literals, used, literals.length);
}

function sequenceCount(section: Uint8Array): { readonly count: number; readonly start: number } {
  const [first, second = 0, third = 0] = section;
  if (first === undefined) throw broken();
  if (first < 128) return { count: first, start: 1 };
  if (first < 255) return { count: ((first - 128) << 8) + second, start: 2 };
  return { count: second + (third << 8) + 0x7f00, start: 3 };
}

/** Reads the modes and the tables that they announce; gives the start of the bits. */
function readTables(section: Uint8Array, start: number, tables: SequenceTables): number {
  const modes = section[start];
  if (modes === undefined) throw broken();
  let at = start + 1;
  for (const [i, part] of PARTS.entries()) {
    const mode = (modes >> (6 - 2 * i)) & 3;
    if (mode === 0) tables[part] = PREDEFINED[part];
    else if (mode === 1) {
      const symbol = section[at++];
      if (symbol === undefined || symbol > LIMITS[part].maxSymbol) throw broken();
      tables[part] = singleSymbol(symbol);
    } else if (mode === 2) {
      const { table, byteLength } = readFseTable(section.subarray(at), LIMITS[part]);
      tables[part] = table;
      at += byteLength;
    } else if (tables[part] === undefined) throw broken();
  }
  return at;
}
