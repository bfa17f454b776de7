import * as fc from 'fast-check';

import { appendRevision, MAX_FILTER_REVISIONS } from './filter-revisions.js';
import {
  breakOff,
  changesFilter,
  currentFilter,
  disable,
  enable,
  pause,
  requireSameIdentity,
  resume,
  withFilter,
  type Subscription,
} from './subscription.js';

const at = new Date('2026-02-03T04:05:06Z');
const active: Subscription = {
  uid: 'u1',
  id: 'orders',
  topic: 'shop',
  topicUid: 't1',
  kafkaTopicId: 'k1',
  kind: 'stream',
  tenant: null,
  requestedStart: 'latest',
  start: { '0': 7 },
  filters: appendRevision([], { from: {}, filter: null }),
  webhook: null,
  status: 'active',
  reason: null,
  since: new Date(0),
  createdAt: new Date(0),
  version: 1,
};

describe('a subscription', () => {
  it('pauses and resumes, and repeating either changes nothing', () => {
    const paused = pause(active, at);
    expect(paused).toMatchObject({ status: 'paused', reason: 'requested', since: at });
    expect(pause(paused, new Date())).toBe(paused);
    const resumed = resume(paused, at);
    expect(resumed).toMatchObject({ status: 'active', reason: null });
    expect(resume(resumed, new Date())).toBe(resumed);
  });

  it('that is broken neither pauses, resumes nor is enabled', () => {
    const broken = breakOff(active, 'topic deleted', at);
    for (const change of [pause, resume, enable])
      expect(() => change(broken, at)).toThrow(
        expect.objectContaining({ code: 'SUBSCRIPTIONS.TRANSITION_REFUSED' }),
      );
    expect(breakOff(broken, 'again', new Date())).toBe(broken);
  });

  it('is disabled whether active or paused, and told why', () => {
    for (const present of [active, pause(active, new Date(0))])
      expect(disable(present, 'gone', at)).toMatchObject({
        status: 'disabled',
        reason: 'gone',
        since: at,
      });
  });

  it('that is disabled neither pauses nor resumes, and is not disabled again', () => {
    const disabled = disable(active, 'gone', at);
    for (const change of [pause, resume])
      expect(() => change(disabled, at)).toThrow('subscription that is disabled');
    expect(disable(disabled, 'gone', new Date())).toBe(disabled);
    const broken = breakOff(disabled, 'topic deleted', at);
    expect(disable(broken, 'gone', new Date())).toBe(broken);
  });

  it('is enabled only out of disabled', () => {
    expect(enable({ ...active, status: 'disabled' }, at).status).toBe('active');
    expect(() => enable(pause(active, at), at)).toThrow('Cannot enable');
  });

  it.each([
    ['topic', { topic: 'other' }],
    ['kind', { kind: 'queue' }],
    ['tenant', { tenant: 'acme' }],
    ['start', { start: 'earliest' as const }],
  ])('keeps its %s for life', (field, change) => {
    expect(() => requireSameIdentity(active, change)).toThrow(
      expect.objectContaining({ code: 'SUBSCRIPTIONS.FIELD_IMMUTABLE', details: { field } }),
    );
  });

  it('accepts its present identity again', () => {
    const same = { topic: 'shop', kind: 'stream', tenant: null, start: 'latest' as const };
    expect(() => requireSameIdentity(active, same)).not.toThrow();
  });

  it('remembers from which offsets a changed filter applies', () => {
    const filter = { exact: { type: 'paid' } };
    expect(changesFilter(active, null)).toBe(false);
    const changed = withFilter(active, filter, { '0': 12 });
    expect(currentFilter(changed)).toEqual(filter);
    expect(changesFilter(changed, { exact: { type: 'paid' } })).toBe(false);
    expect(changed.filters).toEqual([active.filters[0], { number: 2, from: { '0': 12 }, filter }]);
  });
});

describe('filter revisions', () => {
  it('never apply from before the revision that they follow', () => {
    const first = appendRevision([], { from: { '0': 10, '1': 5 }, filter: null });
    const second = appendRevision(first, { from: { '0': 8, '2': 3 }, filter: {} });
    expect(second.at(-1)!.from).toEqual({ '0': 10, '1': 5, '2': 3 });
  });

  it('are bounded, keep the newest, and always cover the beginning of every partition', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), (count) => {
        let revisions = appendRevision([], { from: {}, filter: { n: 0 } });
        for (let n = 1; n < count; n += 1)
          revisions = appendRevision(revisions, { from: { '0': n }, filter: { n } });
        expect(revisions).toHaveLength(Math.min(count, MAX_FILTER_REVISIONS));
        expect(revisions[0]!.from).toEqual({});
        expect(revisions.at(-1)).toMatchObject({ number: count, filter: { n: count - 1 } });
      }),
    );
  });
});
