import * as fc from 'fast-check';

import { assignLeases } from './lease-assignment.js';

const readerIds = fc.uniqueArray(fc.constantFrom(...'abcdefghij'), { maxLength: 8 });
const situation = fc
  .record({ partitionCount: fc.integer({ min: 0, max: 20 }), readers: readerIds })
  .chain(({ partitionCount, readers }) =>
    fc.record({
      partitions: fc.constant(Array.from({ length: partitionCount }, (_, index) => index)),
      readers: fc.constant(readers),
      held: fc
        .array(fc.tuple(fc.integer({ min: 0, max: 25 }), fc.constantFrom(...'abcdefghijxyz')), {
          maxLength: 25,
        })
        .map((pairs) => new Map(pairs)),
    }),
  );

const countsOf = (target: ReadonlyMap<number, string>, readers: readonly string[]): number[] =>
  readers.map((reader) => [...target.values()].filter((holder) => holder === reader).length);

describe('lease assignment', () => {
  it('gives every partition to exactly one live reader, when there is one', () => {
    fc.assert(
      fc.property(situation, ({ partitions, readers, held }) => {
        const target = assignLeases(partitions, readers, held);
        const expected = readers.length === 0 ? [] : partitions;
        expect([...target.keys()].sort((one, other) => one - other)).toEqual(expected);
        for (const reader of target.values()) expect(readers).toContain(reader);
      }),
    );
  });

  it('is fair within one partition', () => {
    fc.assert(
      fc.property(situation, ({ partitions, readers, held }) => {
        fc.pre(readers.length > 0);
        const counts = countsOf(assignLeases(partitions, readers, held), readers);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('takes a partition away only where the holder has more than its fair share', () => {
    fc.assert(
      fc.property(situation, ({ partitions, readers, held }) => {
        fc.pre(readers.length > 0);
        const target = assignLeases(partitions, readers, held);
        const floor = Math.floor(partitions.length / readers.length);
        for (const reader of readers) {
          const before = partitions.filter((partition) => held.get(partition) === reader);
          const kept = before.filter((partition) => target.get(partition) === reader);
          expect(kept.length).toBeGreaterThanOrEqual(Math.min(before.length, floor));
          if (kept.length < before.length) expect(countsOf(target, [reader])[0]).toBe(kept.length);
        }
      }),
    );
  });

  it('is at rest once it has been carried out', () => {
    fc.assert(
      fc.property(situation, ({ partitions, readers, held }) => {
        const target = assignLeases(partitions, readers, held);
        const again = assignLeases(partitions, [...readers].toReversed(), target);
        expect([...again].sort()).toEqual([...target].sort());
      }),
    );
  });

  it('moves two of four partitions when a second reader joins', () => {
    const held = new Map([0, 1, 2, 3].map((partition) => [partition, 'a']));
    const target = assignLeases([0, 1, 2, 3], ['a', 'b'], held);
    expect([...target].sort()).toEqual([
      [0, 'a'],
      [1, 'a'],
      [2, 'b'],
      [3, 'b'],
    ]);
  });
});
