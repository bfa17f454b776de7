import { randomNumbers } from '../../../../test/support/random-numbers.js';
import { TransactionIndex, type IndexedTransaction } from './transaction-index.js';

/** Whole numbers below a bound. */
function numbers(seed: number): (below: number) => number {
  const random = randomNumbers(seed);
  return (below) => Math.floor(random() * below);
}

/** Transactions of a few producers that overlap, as a log would index them. */
function transactions(count: number, seed: number): IndexedTransaction[] {
  const below = numbers(seed);
  const open = new Map<number, number>();
  const ended: IndexedTransaction[] = [];
  for (let offset = 0; ended.length < count; offset++) {
    const producerId = below(12);
    const firstOffset = open.get(producerId);
    if (firstOffset === undefined) {
      open.set(producerId, offset);
      continue;
    }
    open.delete(producerId);
    const lastStableOffset = Math.min(offset + 1, ...open.values());
    ended.push({ producerId, firstOffset, lastOffset: offset, lastStableOffset });
  }
  return ended;
}

function indexOf(all: readonly IndexedTransaction[]): TransactionIndex {
  const index = new TransactionIndex();
  for (const entry of all) index.add(entry);
  return index;
}

const naively = (all: readonly IndexedTransaction[], from: number, to: number) =>
  all
    .filter(({ firstOffset, lastOffset }) => lastOffset >= from && firstOffset < to)
    .map(({ producerId, firstOffset, lastOffset }) => ({ producerId, firstOffset, lastOffset }));

describe('a transaction index', () => {
  it.each([0, 1, 7, 8, 9, 1_023, 1_024, 1_025, 5_000])('finds what overlaps, of %i', (count) => {
    const all = transactions(count, count + 1);
    const { search } = indexOf(all);
    const end = (all.at(-1)?.lastOffset ?? 0) + 2;
    const below = numbers(count);
    for (let round = 0; round < 200; round++) {
      const from = below(end);
      const to = from + below(50);
      expect(search(from, to)).toEqual(naively(all, from, to));
    }
    expect(search(0, end)).toEqual(naively(all, 0, end));
  });

  it('finds the same where it is made of what a list says', () => {
    const all = transactions(3_000, 11);
    const open = [all.at(-1)!.lastStableOffset];
    const { search } = TransactionIndex.of(all, open);
    const below = numbers(4);
    for (let round = 0; round < 200; round++) {
      const from = below(all.at(-1)!.lastOffset);
      expect(search(from, from + 30)).toEqual(naively(all, from, from + 30));
    }
  });

  it('looks no further than transactions may begin', () => {
    const all = transactions(5_000, 3);
    const { search } = indexOf([...all, { ...all[0]!, lastOffset: 1e9, lastStableOffset: 1e9 }]);
    expect(search(0, 20)).toEqual(naively(all, 0, 20));
  });

  it('forgets what ended before an offset, and still tells of what did not', () => {
    const all = transactions(5_000, 5);
    const index = indexOf(all);
    const { search } = index;
    const start = all[3_000]!.lastOffset;
    const end = all.at(-1)!.lastOffset + 1;
    index.truncateStart(start);
    expect([index.first, index.end]).toEqual([2_048, 5_000]);
    expect(index.search(start, end)).toEqual(naively(all, start, end));
    expect(search(0, end)).toEqual(naively(all, 0, end));
    index.truncateStart(end);
    expect([index.first, index.end, index.search(0, end)]).toEqual([5_000, 5_000, []]);
    const later = {
      producerId: 1,
      firstOffset: end,
      lastOffset: end + 1,
      lastStableOffset: end + 2,
    };
    index.add(later);
    expect([index.end, index.search(0, end + 2)]).toEqual([5_001, naively([later], 0, end + 2)]);
  });

  it.each([0, 1, 1_024, 2_500])(
    'is the same again after it was written, from entry %i on',
    (from) => {
      const all = transactions(3_000, 9);
      const bytes = Buffer.concat([...indexOf(all).serialize(from)]);
      const again = TransactionIndex.deserialize(bytes);
      const end = all.at(-1)!.lastOffset + 1;
      expect(again.search(0, end)).toEqual(naively(all.slice(from), 0, end));
      expect(Buffer.concat([...again.serialize(0)])).toEqual(bytes);
    },
  );
});
