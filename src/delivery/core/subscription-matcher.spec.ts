import type { CloudEvent } from '../../events/cloud-event.js';
import type { SubscriptionState } from '../../kafka/contracts/subscriptions.contracts.js';
import { rejudgedOffset, SubscriptionMatcher } from './subscription-matcher.js';

const event = (type: string, tenant?: string): CloudEvent => ({
  specversion: '1.0',
  id: '1',
  source: '/test',
  type,
  tenant,
  extensions: {},
});

const subscription = (change: Partial<SubscriptionState>): SubscriptionState => ({
  uid: 'u',
  id: 's',
  topic: 't',
  topicUid: 'tu',
  kafkaTopicId: 'k',
  kind: 'stream',
  tenant: null,
  start: {},
  filters: [{ number: 1, from: {}, filter: null }],
  webhook: null,
  status: 'active',
  reason: null,
  since: '2026-01-01T00:00:00Z',
  createdAt: '2026-01-01T00:00:00Z',
  ...change,
});

const changed = subscription({
  filters: [
    { number: 1, from: {}, filter: { exact: { type: 'a' } } },
    { number: 2, from: { '0': 10 }, filter: { exact: { type: 'b' } } },
  ],
});

describe('a subscription matches', () => {
  it('each event by the filter that was valid at its offset', () => {
    const matcher = new SubscriptionMatcher(changed);
    expect(matcher.matches('k', { partition: 0, offset: 9, event: event('a') })).toBe(true);
    expect(matcher.matches('k', { partition: 0, offset: 9, event: event('b') })).toBe(false);
    expect(matcher.matches('k', { partition: 0, offset: 10, event: event('a') })).toBe(false);
    expect(matcher.matches('k', { partition: 0, offset: 10, event: event('b') })).toBe(true);
  });

  it('by the newest filter in a partition that was added after the change', () => {
    expect(
      new SubscriptionMatcher(changed).matches('k', { partition: 1, offset: 0, event: event('b') }),
    ).toBe(true);
  });

  it("only its own tenant's events, and the operator's matches all", () => {
    const ofTenant = new SubscriptionMatcher(subscription({ tenant: 'acme' }));
    expect(ofTenant.matches('k', { partition: 0, offset: 0, event: event('a', 'acme') })).toBe(
      true,
    );
    expect(ofTenant.matches('k', { partition: 0, offset: 0, event: event('a', 'other') })).toBe(
      false,
    );
    expect(ofTenant.matches('k', { partition: 0, offset: 0, event: event('a') })).toBe(false);
    expect(
      new SubscriptionMatcher(subscription({})).matches('k', {
        partition: 0,
        offset: 0,
        event: event('a', 'acme'),
      }),
    ).toBe(true);
  });
});

describe('behind a position', () => {
  const behind = (filterRevision: number, offset: number, topicId = 'k') =>
    rejudgedOffset(changed, 0, { topicId, offset, filterRevision });

  it('that an older filter judged, events are judged again from where the newer one applies', () => {
    expect(behind(1, 15)).toBe(10);
    expect(behind(1, 7)).toBe(7);
    expect(rejudgedOffset(changed, 1, { topicId: 'k', offset: 3, filterRevision: 1 })).toBe(0);
  });

  it('that the newest filter judged, reading goes on', () => {
    expect(behind(2, 15)).toBe(15);
  });

  it('of a topic made again since, offsets of former filters mean nothing', () => {
    expect(behind(1, 15, 'new')).toBe(15);
    expect(
      new SubscriptionMatcher(changed).matches('new', {
        partition: 0,
        offset: 3,
        event: event('b'),
      }),
    ).toBe(true);
  });
});
