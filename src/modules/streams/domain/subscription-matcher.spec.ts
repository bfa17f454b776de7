import type { CloudEvent } from '../../../events/cloud-event.js';
import type { SubscriptionState } from '../../../kafka/contracts/subscriptions.contracts.js';
import { rejudgeFrom, SubscriptionMatcher } from './subscription-matcher.js';

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
  filters: [{ from: {}, filter: null }],
  status: 'active',
  reason: null,
  since: '2026-01-01T00:00:00Z',
  createdAt: '2026-01-01T00:00:00Z',
  ...change,
});

const changed = subscription({
  filters: [
    { from: {}, filter: { exact: { type: 'a' } } },
    { from: { '0': 10 }, filter: { exact: { type: 'b' } } },
  ],
});

describe('a subscription matches', () => {
  it('each event by the filter that was valid at its offset', () => {
    const matcher = new SubscriptionMatcher(changed);
    expect(matcher.matches(0, 9, event('a'))).toBe(true);
    expect(matcher.matches(0, 9, event('b'))).toBe(false);
    expect(matcher.matches(0, 10, event('a'))).toBe(false);
    expect(matcher.matches(0, 10, event('b'))).toBe(true);
  });

  it('by the newest filter in a partition that was added after the change', () => {
    expect(new SubscriptionMatcher(changed).matches(1, 0, event('b'))).toBe(true);
  });

  it("only its own tenant's events, and the operator's matches all", () => {
    const ofTenant = new SubscriptionMatcher(subscription({ tenant: 'acme' }));
    expect(ofTenant.matches(0, 0, event('a', 'acme'))).toBe(true);
    expect(ofTenant.matches(0, 0, event('a', 'other'))).toBe(false);
    expect(ofTenant.matches(0, 0, event('a'))).toBe(false);
    expect(new SubscriptionMatcher(subscription({})).matches(0, 0, event('a', 'acme'))).toBe(true);
  });
});

describe('after a change', () => {
  it('of the filter events are judged again from its first offset', () => {
    const before = subscription({ filters: changed.filters.slice(0, 1) });
    expect(rejudgeFrom(before, changed, 0)).toBe(10);
    expect(rejudgeFrom(before, changed, 1)).toBe(0);
  });

  it('of something else nothing is judged again', () => {
    expect(rejudgeFrom(changed, { ...changed, status: 'paused' }, 0)).toBeUndefined();
  });
});
