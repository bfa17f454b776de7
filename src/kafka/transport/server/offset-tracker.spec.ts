import * as fc from 'fast-check';
import { OffsetTracker } from './offset-tracker.js';

describe('the offset to commit', () => {
  it('is never beyond a record that is not settled, and in the end behind the last', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(1_000), { minLength: 1 }),
        fc.infiniteStream(fc.nat()),
        (numbers, dice) => {
          const offsets = numbers.sort((a, b) => a - b);
          const tracker = new OffsetTracker();
          for (const offset of offsets) tracker.add(offset);
          const open = [...offsets];
          for (const roll of dice) {
            const [settled] = open.splice(roll % open.length, 1);
            tracker.settle(settled!);
            if (open.length === 0) break;
            expect(tracker.committable ?? -1).toBeLessThanOrEqual(open[0]!);
          }
          expect(tracker.committable).toBe(offsets.at(-1)! + 1);
        },
      ),
    );
  });

  it('is unknown before anything is settled', () => {
    const tracker = new OffsetTracker();
    tracker.add(5);
    tracker.add(7);
    tracker.settle(7);
    expect(tracker.committable).toBeUndefined();
    expect(tracker.last).toBe(7);
  });
});
