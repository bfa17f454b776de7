import * as fc from 'fast-check';

import { reconcile, type Position } from './position.js';

const offsets = fc.integer({ min: 0, max: 1000 });
const positions: fc.Arbitrary<Position> = fc.record({
  topicId: fc.constantFrom('one', 'two'),
  offset: offsets,
});
const logs = fc.tuple(fc.constantFrom('one', 'two'), offsets, offsets).map(([topicId, a, b]) => ({
  topicId,
  startOffset: Math.min(a, b),
  endOffset: Math.max(a, b),
}));

describe('a position', () => {
  it('stays, without a gap, exactly where the log holds it', () => {
    fc.assert(
      fc.property(positions, logs, (position, log) => {
        const held =
          position.topicId === log.topicId &&
          position.offset >= log.startOffset &&
          position.offset <= log.endOffset;
        const reconciled = reconcile(position, log);
        expect(reconciled.gap === undefined).toBe(held);
        if (held) expect(reconciled.position).toEqual(position);
        expect(reconciled.position.topicId).toBe(log.topicId);
      }),
    );
  });

  it('comes to rest, within the log or before a new log', () => {
    fc.assert(
      fc.property(positions, logs, (position, log) => {
        const once = reconcile(position, log).position;
        const twice = reconcile(once, log).position;
        expect(reconcile(twice, log)).toEqual({ position: twice });
      }),
    );
  });

  it('before the start of the log is an expired gap up to it', () => {
    const log = { topicId: 'one', startOffset: 10, endOffset: 20 };
    expect(reconcile({ topicId: 'one', offset: 4 }, log)).toEqual({
      position: { topicId: 'one', offset: 10 },
      gap: { reason: 'expired', topicId: 'one', from: 4, to: 10 },
    });
  });

  it('past the end of the log is a truncated gap, and reading goes on at the end', () => {
    const log = { topicId: 'one', startOffset: 10, endOffset: 20 };
    expect(reconcile({ topicId: 'one', offset: 25 }, log)).toEqual({
      position: { topicId: 'one', offset: 20 },
      gap: { reason: 'truncated', topicId: 'one', from: 20, to: 25 },
    });
  });

  it('in a topic that was made again is a deleted gap, and reading starts anew', () => {
    const log = { topicId: 'two', startOffset: 0, endOffset: 3 };
    expect(reconcile({ topicId: 'one', offset: 25 }, log, 30)).toEqual({
      position: { topicId: 'two', offset: 0 },
      gap: { reason: 'deleted', topicId: 'one', from: 25, to: 30 },
    });
  });
});
