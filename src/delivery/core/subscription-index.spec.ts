import * as fc from 'fast-check';

import { anyEvent } from '../../../test/support/event-arbitraries.js';
import { attributeOf, type CloudEvent } from '../../events/cloud-event.js';
import type {
  FilterRevision,
  SubscriptionState,
} from '../../kafka/contracts/subscriptions.contracts.js';
import { SubscriptionIndex } from './subscription-index.js';
import { SubscriptionMatcher } from './subscription-matcher.js';

type Filter = NonNullable<FilterRevision['filter']>;

const NAMES = ['type', 'source', 'subject', 'partitionkey', 'id'];

/** Leaves about what the event carries, so that they match now and then, and about something else. */
const leafOf = (event: CloudEvent): fc.Arbitrary<Filter> => {
  const values = NAMES.flatMap((name) => attributeOf(event, name) ?? []);
  const value = fc.constantFrom(...values, '/a', 'other', 'x');
  const test = fc.constantFrom('exact', 'exact', 'exact', 'prefix', 'suffix');
  return fc
    .tuple(test, fc.dictionary(fc.constantFrom(...NAMES), value, { minKeys: 1, maxKeys: 2 }))
    .map(([dialect, attributes]) => ({ [dialect]: { ...attributes } }) as Filter);
};

const filterOf = (event: CloudEvent): fc.Arbitrary<Filter> =>
  fc.letrec<{ tree: Filter }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      leafOf(event),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((all) => ({ all }) as Filter),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((any) => ({ any }) as Filter),
      tie('tree').map((not) => ({ not }) as Filter),
    ),
  })).tree;

/** One to three filters, each valid from a later offset on. */
const revisionsOf = (event: CloudEvent): fc.Arbitrary<readonly FilterRevision[]> =>
  fc
    .array(fc.option(filterOf(event), { freq: 6 }), { minLength: 1, maxLength: 3 })
    .map((filters) =>
      filters.map((filter, at) => ({ number: at + 1, from: { '0': 10 * at }, filter })),
    );

const subscriptionOf = (filters: readonly FilterRevision[], id: number): SubscriptionState => ({
  uid: `u${id}`,
  id: `s${id}`,
  topic: 't',
  topicUid: 'tu',
  kafkaTopicId: 'k',
  kind: 'webhook',
  tenant: null,
  start: {},
  filters,
  webhook: null,
  status: 'active',
  reason: null,
  since: '2026-01-01T00:00:00Z',
  createdAt: '2026-01-01T00:00:00Z',
});

/** An event, subscriptions made with it in mind, and an offset. */
const cases = anyEvent.chain((event) =>
  fc.record({
    event: fc.constant(event),
    revisions: fc.array(revisionsOf(event), { minLength: 1, maxLength: 6 }),
    changed: fc.array(revisionsOf(event), { maxLength: 3 }),
    offset: fc.nat({ max: 35 }),
  }),
);

const typeIs = (type: string): FilterRevision => ({
  number: 1,
  from: {},
  filter: { exact: { type } },
});

const eventOf = (type: string): CloudEvent => ({
  specversion: '1.0',
  id: '1',
  source: '/s',
  type,
  extensions: {},
});

describe('the index of subscriptions', () => {
  it('leaves out none that matches, by whichever of its filters, and gives none twice', () => {
    let matched = 0;
    fc.assert(
      fc.property(cases, ({ event, revisions, changed, offset }) => {
        const index = new SubscriptionIndex<SubscriptionState>();
        const all = revisions.map(subscriptionOf);
        for (const subscription of all) index.add(subscription);
        // Filters that change: the former subscription goes, the new one comes.
        for (const [at, filters] of changed.entries()) {
          const former = all[at];
          if (former === undefined) continue;
          index.delete(former);
          index.add((all[at] = subscriptionOf(filters, at)));
        }
        const candidates = [...index.candidates({ event })];
        expect(new Set(candidates).size).toBe(candidates.length);
        expect(index.size).toBe(all.length);
        for (const subscription of candidates) expect(all).toContain(subscription);
        for (const subscription of all) {
          if (
            !new SubscriptionMatcher(subscription).matches('k', {
              partition: 0,
              offset: offset,
              event,
            })
          )
            continue;
          matched += 1;
          expect(candidates).toContain(subscription);
        }
      }),
      { numRuns: 300 },
    );
    expect(matched).toBeGreaterThan(100);
  });

  it('does not give those that demand another value', () => {
    const index = new SubscriptionIndex<{ filters: readonly FilterRevision[] }>();
    const [one, other] = [{ filters: [typeIs('a')] }, { filters: [typeIs('b')] }];
    index.add(one);
    index.add(other);
    expect([...index.candidates({ event: eventOf('a') })]).toEqual([one]);
    expect([...index.candidates({ event: eventOf('c') })]).toEqual([]);
  });

  it('gives those of which any filter, the former or the newer one, demands the value', () => {
    const index = new SubscriptionIndex<{ filters: readonly FilterRevision[] }>();
    const changed = { filters: [typeIs('a'), typeIs('b')] };
    index.add(changed);
    expect([...index.candidates({ event: eventOf('a') })]).toEqual([changed]);
    expect([...index.candidates({ event: eventOf('b') })]).toEqual([changed]);
    expect([...index.candidates({ event: eventOf('c') })]).toEqual([]);
  });

  it('takes in a subscription again under its new filters', () => {
    const index = new SubscriptionIndex<{ filters: readonly FilterRevision[] }>();
    const changing = { filters: [typeIs('a')] };
    index.add(changing);
    changing.filters = [typeIs('b')];
    index.add(changing);
    expect([...index.candidates({ event: eventOf('a') })]).toEqual([]);
    expect([...index.candidates({ event: eventOf('b') })]).toEqual([changing]);
    index.delete(changing);
    expect([index.size, ...index.candidates({ event: eventOf('b') })]).toEqual([0]);
  });
});
