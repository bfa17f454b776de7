import * as fc from 'fast-check';

import { KeyTable, type Keyed } from './key-table.js';

interface Item extends Keyed {
  readonly name: number;
}

type Step =
  | { readonly enter: Omit<Item, 'name'> }
  | { readonly leave: number }
  | { readonly dropBelow: number };

const entering = fc.record({
  enter: fc.record({
    offset: fc.nat({ max: 30 }),
    orderKey: fc.constantFrom('a', 'b', null),
    former: fc.constantFrom(false, false, false, true),
  }),
});
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: entering },
    { weight: 3, arbitrary: fc.record({ leave: fc.nat({ max: 9 }) }) },
    { weight: 1, arbitrary: fc.record({ dropBelow: fc.nat({ max: 30 }) }) },
  ),
  { maxLength: 100, size: 'max' },
);

/** The same rules, told by lists: per key who goes, and who is there besides. */
class NaiveTable {
  readonly going = new Set<Item>();
  readonly waiting = new Set<Item>();

  isFree(key: string | null): boolean {
    return key === null || ![...this.going].some(({ orderKey }) => orderKey === key);
  }

  /** Those of a key that wait, as they are to go. */
  line(key: string | null): readonly Item[] {
    const rank = ({ former, offset }: Item): number => (former ? 0 : 1_000) + offset;
    return [...this.waiting]
      .filter(({ orderKey }) => orderKey === key)
      .sort((one, other) => rank(one) - rank(other));
  }

  /** Lets the next of a key go, if there is one. */
  advance(key: string | null): Item | undefined {
    const [next] = key === null ? [] : this.line(key);
    if (next === undefined || !this.isFree(key)) return undefined;
    this.waiting.delete(next);
    this.going.add(next);
    return next;
  }
}

const enter = (table: KeyTable<Item>, naive: NaiveTable, item: Item): void => {
  const isFree = naive.isFree(item.orderKey);
  expect(table.enter(item)).toBe(isFree);
  (isFree ? naive.going : naive.waiting).add(item);
};

const leave = (table: KeyTable<Item>, naive: NaiveTable, item: Item | undefined): void => {
  if (item === undefined) return;
  naive.going.delete(item);
  expect(table.leave(item)).toBe(naive.advance(item.orderKey));
};

const drop = (table: KeyTable<Item>, naive: NaiveTable, below: number): void => {
  const goes = ({ offset }: Item): boolean => offset < below;
  for (const item of [...naive.going, ...naive.waiting]) {
    if (!goes(item)) continue;
    naive.going.delete(item);
    naive.waiting.delete(item);
  }
  const promoted = ['a', 'b'].flatMap((key) => naive.advance(key) ?? []);
  expect(new Set(table.drop(goes))).toEqual(new Set(promoted));
};

/** Per key, who goes and who comes directly after whom, as the table tells and as it should be. */
const linesOf = (table: KeyTable<Item>, naive: NaiveTable): object => {
  const keyed = [...naive.going].filter(({ orderKey }) => orderKey !== null);
  return keyed.map((item) => ({
    item,
    line: table.followers(item),
    before: [item, ...table.followers(item)].map((each) => table.before(each)),
  }));
};

const rightLines = (naive: NaiveTable): object => {
  const keyed = [...naive.going].filter(({ orderKey }) => orderKey !== null);
  return keyed.map((item) => {
    const line = naive.line(item.orderKey);
    return { item, line, before: [undefined, item, ...line].slice(0, line.length + 1) };
  });
};

describe('the table of keys', () => {
  it('lets one of each key go at a time, in the order of offsets among those that are there', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const table = new KeyTable<Item>();
        const naive = new NaiveTable();
        for (const [name, step] of script.entries()) {
          if ('enter' in step) {
            // Two of one offset and incarnation are never there.
            const { offset, former } = step.enter;
            const present = [...naive.going, ...naive.waiting];
            if (present.some((each) => each.offset === offset && each.former === former)) continue;
            enter(table, naive, { ...step.enter, name });
          } else if ('leave' in step) leave(table, naive, [...naive.going][step.leave]);
          else drop(table, naive, step.dropBelow);
          expect(linesOf(table, naive)).toEqual(rightLines(naive));
        }
      }),
    );
  });

  it('is not moved by one that leaves before its turn has come', () => {
    const table = new KeyTable<Item>();
    const item = (name: number): Item => ({ name, offset: name, orderKey: 'a', former: false });
    const [one, other] = [item(1), item(2)];
    table.enter(one);
    table.enter(other);
    expect(table.leave(other)).toBeUndefined();
    expect(table.leave(one)).toBe(other);
  });
});
