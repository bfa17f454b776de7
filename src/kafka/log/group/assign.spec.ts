import * as fc from 'fast-check';

import { assign, type AssignedMember, type PartitionCounts } from './assign.js';
import { keyOf, partitionSet, without } from './partition-set.js';

const TOPICS = ['a', 'b', 'c', 'd'];
const counts = fc
  .array(fc.nat(9), { minLength: TOPICS.length, maxLength: TOPICS.length })
  .map((numbers) => new Map(numbers.map((count, index) => [TOPICS[index] ?? '', count])));
const memberIds = fc.uniqueArray(fc.constantFrom(...'jihgfedcba'), { minLength: 1, maxLength: 6 });
const subscriptions = fc.oneof(
  fc.constant(() => TOPICS),
  fc.func(fc.subarray(TOPICS)),
);
/** Who holds a partition before the round, as an index into the members; past them: nobody. */
const holders = fc.func(fc.nat(8));

const allPartitions = (existing: PartitionCounts) =>
  [...existing].flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })),
  );

/** Members in any state that a group may be in: each partition is held by one of them or nobody. */
const group = fc
  .tuple(counts, memberIds, subscriptions, holders)
  .map(([existing, ids, topicsOf, holderOf]) => ({
    existing,
    members: ids.map((memberId, index): AssignedMember => ({
      memberId,
      topics: topicsOf(memberId),
      owned: allPartitions(existing).filter((one) => holderOf(keyOf(one)) === index),
    })),
  }));

/** The members after a round: each handed back what it was not given, and took what it was. */
const afterRound = (
  members: readonly AssignedMember[],
  existing: PartitionCounts,
): readonly AssignedMember[] => {
  const given = assign(members, existing);
  return members.map((member) => ({ ...member, owned: given.get(member.memberId) ?? [] }));
};

const settled = (
  members: readonly AssignedMember[],
  existing: PartitionCounts,
  rounds: number,
): readonly AssignedMember[] =>
  rounds === 0 ? members : settled(afterRound(members, existing), existing, rounds - 1);

const heldBy = (members: readonly AssignedMember[]): string[] =>
  members.flatMap(({ owned }) => owned.map(keyOf)).sort();

/** Per member, in no particular order. */
const holdingsOf = (members: readonly AssignedMember[]): readonly string[][] =>
  members.map((member) => heldBy([member]));

describe('sharing partitions out', () => {
  it('gives a partition to at most one member, who subscribes to it, and never while another holds it', () => {
    fc.assert(
      fc.property(group, ({ existing, members }) => {
        const given = assign(members, existing);
        const keys = [...given.values()].flat().map(keyOf);
        expect(new Set(keys).size).toBe(keys.length);
        for (const { memberId, topics } of members) {
          const others = members.filter((other) => other.memberId !== memberId);
          const heldByOthers = new Set(heldBy(others));
          for (const one of given.get(memberId) ?? []) {
            expect(topics).toContain(one.topic);
            expect(heldByOthers.has(keyOf(one))).toBe(false);
          }
        }
      }),
    );
  });

  it('gives what two say that they hold to neither, until both have let it go', () => {
    const owned = [{ topic: 'a', partition: 0 }];
    const members = ['x', 'y'].map((memberId) => ({ memberId, topics: ['a'], owned }));
    const existing = new Map([['a', 1]]);
    expect([...assign(members, existing).values()].flat()).toEqual([]);
    expect(heldBy(settled(members, existing, 2))).toEqual(['a/0']);
  });

  it('has given everything out after two rounds where all subscribe to the same, balanced within one', () => {
    fc.assert(
      fc.property(group, ({ existing, members }) => {
        const same = members.map((member) => ({ ...member, topics: TOPICS }));
        const after = settled(same, existing, 2);
        expect(heldBy(after)).toEqual(allPartitions(existing).map(keyOf).sort());
        const sizes = after.map(({ owned }) => owned.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(holdingsOf(afterRound(after, existing))).toEqual(holdingsOf(after));
      }),
    );
  });

  it('comes to rest after a few rounds with any subscriptions, so that no single move evens it further', () => {
    fc.assert(
      fc.property(group, ({ existing, members }) => {
        const after = settled(members, existing, 4);
        const wanted = new Set(members.flatMap(({ topics }) => topics));
        const expected = allPartitions(existing).filter(({ topic }) => wanted.has(topic));
        expect(heldBy(after)).toEqual(expected.map(keyOf).sort());
        expect(holdingsOf(afterRound(after, existing))).toEqual(holdingsOf(after));
        for (const donor of after) {
          for (const receiver of after) {
            if (donor.owned.length - receiver.owned.length < 2) continue;
            expect(donor.owned.some(({ topic }) => receiver.topics.includes(topic))).toBe(false);
          }
        }
      }),
    );
  });

  it('takes no more from the members than balance needs', () => {
    fc.assert(
      fc.property(group, ({ existing, members }) => {
        const same = members.map((member) => ({ ...member, topics: TOPICS }));
        const given = assign(same, existing);
        const taken = same.flatMap(({ memberId, owned }) =>
          without(partitionSet(owned), partitionSet(given.get(memberId))),
        );
        const total = allPartitions(existing).length;
        const larger = total % same.length;
        const leastTaken = same
          .map(({ owned }) => owned.length)
          .sort((one, other) => other - one)
          .map((size, index) => size - Math.floor(total / same.length) - (index < larger ? 1 : 0))
          .reduce((sum, excess) => sum + Math.max(0, excess), 0);
        expect(taken).toHaveLength(leastTaken);
      }),
    );
  });

  it('does not depend on the order in which the members come', () => {
    fc.assert(
      fc.property(group, ({ existing, members }) => {
        const other = assign([...members].toReversed(), existing);
        expect(new Map(other)).toEqual(new Map(assign(members, existing)));
      }),
    );
  });

  it('spreads each topic, at the start and for a member that comes later', () => {
    const existing = new Map([
      ['a', 4],
      ['b', 4],
    ]);
    const perTopic = (members: readonly AssignedMember[]) =>
      members.flatMap(({ owned }) =>
        ['a', 'b'].map((name) => owned.filter(({ topic }) => topic === name).length),
      );
    const one = { memberId: 'x', topics: ['a', 'b'], owned: [] };
    const other = { ...one, memberId: 'y' };
    expect(perTopic(settled([one, other], existing, 1))).toEqual([2, 2, 2, 2]);
    const alone = settled([one], existing, 1);
    expect(perTopic(settled([...alone, other], existing, 2))).toEqual([2, 2, 2, 2]);
  });

  it('takes a partition from a member that does not subscribe to its topic any more', () => {
    const owned = [{ topic: 'a', partition: 0 }];
    const members = [
      { memberId: 'x', topics: ['b'], owned },
      { memberId: 'y', topics: ['a'], owned: [] },
    ];
    const existing = new Map([['a', 1]]);
    expect(assign(members, existing).get('y')).toEqual([]);
    expect(settled(members, existing, 2).at(1)?.owned).toEqual(owned);
  });

  it('leaves out topics that do not exist', () => {
    const member = { memberId: 'x', topics: ['a', 'missing'], owned: [] };
    expect(assign([member], new Map([['a', 1]])).get('x')).toHaveLength(1);
  });
});
