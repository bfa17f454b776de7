import * as fc from 'fast-check';
import { VersionedStates } from './versioned-states.js';

const change = fc.record({
  uid: fc.constantFrom('a', 'b'),
  version: fc.integer({ min: 1, max: 6 }),
  isDeletion: fc.boolean(),
});

/** A version of an entity is one thing: its state follows from uid and version. */
const toChange = ({
  uid,
  version,
  isDeletion,
}: {
  uid: string;
  version: number;
  isDeletion: boolean;
}) => ({
  uid,
  version,
  state: isDeletion ? null : `${uid}${version}`,
});

describe('states by version', () => {
  it('end the same in whatever order, and however often, records come', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(change, { selector: ({ uid, version }) => `${uid}${version}` }),
        fc.array(fc.nat()),
        (changes, order) => {
          const records = changes.map(toChange);
          const shuffled = [...records, ...order.map((at) => records[at % records.length]!)]
            .filter((record) => record !== undefined)
            .toReversed();
          const inOrder = new VersionedStates<string>();
          const inDisorder = new VersionedStates<string>();
          for (const record of records.sort((x, y) => x.version - y.version)) inOrder.apply(record);
          for (const record of shuffled) inDisorder.apply(record);
          expect([...inDisorder.values()].sort()).toEqual([...inOrder.values()].sort());
        },
      ),
    );
  });

  it('keep a deleted entity deleted when an older or equal state comes late', () => {
    const states = new VersionedStates<string>();
    states.apply({ uid: 'a', version: 2, state: null });
    expect(states.apply({ uid: 'a', version: 1, state: 'old' })).toBeUndefined();
    expect(states.apply({ uid: 'a', version: 2, state: 'same' })).toBeUndefined();
    expect(states.size).toBe(0);
    expect(states.apply({ uid: 'a', version: 3, state: 'new' })).toMatchObject({ state: 'new' });
  });

  it('tell which entities have a wrong last record, until the right one comes again', () => {
    const states = new VersionedStates<string>();
    states.apply({ uid: 'a', version: 2, state: 'new' });
    states.apply({ uid: 'a', version: 1, state: 'old' });
    expect([...states.displaced]).toEqual(['a']);
    states.apply({ uid: 'a', version: 2, state: 'new' });
    expect([...states.displaced]).toEqual([]);
    states.apply({ uid: 'a', version: 3, state: null });
    states.apply({ uid: 'a', version: 2, state: 'new' });
    expect([...states.displaced]).toEqual(['a']);
    states.apply({ uid: 'a', version: 3, state: null });
    expect([...states.displaced]).toEqual([]);
  });

  it('do not report a repetition as a change', () => {
    const states = new VersionedStates<string>();
    states.apply({ uid: 'a', version: 1, state: 'x' });
    expect(states.apply({ uid: 'a', version: 1, state: 'x' })).toBeUndefined();
    expect(states.apply({ uid: 'b', version: 1, state: null })).toBeUndefined();
  });

  it('remember a bounded number of deletions', () => {
    const states = new VersionedStates<string>(2);
    for (const uid of ['a', 'b', 'c']) states.apply({ uid, version: 5, state: null });
    expect(['a', 'b', 'c'].map((uid) => states.versionOf(uid))).toEqual([undefined, 5, 5]);
  });
});
