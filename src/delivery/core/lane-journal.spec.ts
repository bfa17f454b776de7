import { Delivery } from './delivery.js';
import { LaneJournal, type LaneChanges } from './lane-journal.js';

const SUMMARY = { messageId: 'm', eventId: 'e', source: 's', type: 't', key: null };
const ROW = { fromOffset: null, reason: null, haltedAt: null, filterRevision: 1 };

const deliveryOf = (offset: number, change: Partial<Delivery> = {}): Delivery => {
  const record = { key: null, value: Buffer.from('x'), headers: [], timestamp: 0 };
  const origin = { topicId: 't', offset, recordKey: 'k', ordered: true, readAt: 0, record };
  return Object.assign(new Delivery(origin), change);
};

const journal = (): LaneJournal => new LaneJournal('u', () => SUMMARY);

const collect = (from: LaneJournal, coveredBelow = 0, sequence = 1): LaneChanges =>
  from.collect(() => ({ subscriptionUid: 'u', ...ROW }), {
    coveredBelow,
    topicId: 't',
    sequence,
    inFlightDue: 500,
  });

describe('the journal of a lane', () => {
  it('writes a delivery once, as it is when it is collected', () => {
    const kept = journal();
    const delivery = deliveryOf(1);
    kept.write(delivery);
    kept.write(delivery);
    delivery.attempts = 2;
    expect(collect(kept).writes).toMatchObject([{ offset: 1, state: 'retry', attempts: 2 }]);
    expect(kept.hasNews).toBe(false);
    expect(collect(kept).writes).toEqual([]);
  });

  it.each<[string, Partial<Delivery>, object]>([
    ['waits', { state: 'retrying', due: 7, attempts: 1 }, { state: 'retry', due: 7, attempts: 1 }],
    ['is under way', { state: 'in-flight' }, { state: 'retry', due: 500, error: null }],
    ['is parked', { state: 'queued' }, { state: 'parked', due: null, record: null }],
    ['is dead', { state: 'dying' }, { state: 'dead', due: null, summary: SUMMARY }],
    ['has its record stored', { state: 'retrying', recordStored: true }, { record: null }],
    ['waits for its key with a row', { state: 'queued', recordStored: true }, { state: 'retry' }],
  ])('writes one that %s', (_, change, expected) => {
    const kept = journal();
    kept.write(deliveryOf(1, change));
    expect(collect(kept).writes).toMatchObject([expected]);
  });

  it('ends no row that there never was', () => {
    const kept = journal();
    const delivery = deliveryOf(1);
    kept.write(delivery);
    kept.end(delivery);
    expect([kept.hasNews, collect(kept).ends]).toEqual([false, []]);
  });

  it('keeps a row as done until the floor has passed it, and then removes it', () => {
    const kept = journal();
    kept.end(deliveryOf(5, { row: 'stored' }));
    expect(collect(kept, 5).ends).toMatchObject([{ offset: 5, covered: false }]);
    expect([kept.hasNews, kept.hasDone]).toEqual([false, true]);
    expect(collect(kept, 5).ends).toEqual([]);
    expect(collect(kept, 6).ends).toMatchObject([{ offset: 5, covered: true }]);
    expect(kept.hasDone).toBe(false);
  });

  it('removes rows of former incarnations at once: nothing is read there', () => {
    const kept = journal();
    kept.found(9, 'former');
    kept.end(deliveryOf(8, { row: 'asked', topicId: 'former' } as Partial<Delivery>));
    expect(collect(kept).ends).toMatchObject([
      { offset: 8, covered: true },
      { offset: 9, covered: true },
    ]);
  });

  it('ends a row that lives again no more', () => {
    const kept = journal();
    kept.found(3, 't');
    kept.end(deliveryOf(4, { row: 'stored' }));
    kept.revived({ offset: 3, topicId: 't' });
    kept.revived({ offset: 4, topicId: 't' });
    expect(collect(kept, 9).ends).toEqual([]);
  });

  it('gives all of it again when it did not come through, before what came meanwhile', () => {
    const kept = journal();
    const gap = (from: number) => ({ reason: 'expired', topicId: 't', from, to: 9 }) as const;
    kept.rowMoved();
    const [written, over] = [deliveryOf(1), deliveryOf(2)];
    kept.write(written);
    kept.write(over);
    kept.end(deliveryOf(3, { row: 'stored' }));
    kept.shift(10);
    kept.gap(gap(1));
    kept.step({ operationId: 'o', delivered: 1, failed: 0 });
    const lost = collect(kept);
    over.state = 'over';
    kept.shift(20);
    kept.gap(gap(2));
    kept.restore(lost);
    const again = collect(kept, 0, 2);
    expect(again).toMatchObject({
      row: { subscriptionUid: 'u' },
      writes: [{ offset: 1 }],
      ends: [{ offset: 3, covered: false }],
      shifts: [
        { byMs: 10, since: 1 },
        { byMs: 20, since: 2 },
      ],
      gaps: [{ gap: { from: 1 } }, { gap: { from: 2 } }],
      operations: [{ operationId: 'o', delivered: 1, failed: 0, since: 1 }],
    });
    expect(again.written).toEqual([written]);
  });
});
