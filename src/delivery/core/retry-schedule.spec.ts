import * as fc from 'fast-check';

import { LONGEST_RETRY_AFTER_MS, nextAttemptAt, type RetrySchedule } from './retry-schedule.js';

const schedules: fc.Arbitrary<RetrySchedule> = fc.record({
  pausesMs: fc.array(fc.nat({ max: 86_400_000 }), { maxLength: 10 }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
});
const randoms = fc.double({ min: 0, max: 1, noNaN: true });
const attempts = fc.integer({ min: 1, max: 12 });
const asked = fc.integer({ min: -1_000, max: 2 * LONGEST_RETRY_AFTER_MS });

describe('the next attempt', () => {
  it('comes after its pause and at most its jitter later, as often as there are pauses', () => {
    fc.assert(
      fc.property(schedules, attempts, randoms, (schedule, made, random) => {
        const at = nextAttemptAt(schedule, made, 1_000, { random });
        const pause = schedule.pausesMs[made - 1];
        expect(at === undefined).toBe(made > schedule.pausesMs.length);
        if (at === undefined || pause === undefined) return;
        expect(at).toBeGreaterThanOrEqual(1_000 + pause);
        expect(at).toBeLessThanOrEqual(1_000 + pause * (1 + schedule.jitter) + 1e-3);
      }),
    );
  });

  it('is put off by what the receiver asks for, by a day at most, and never hastened', () => {
    fc.assert(
      fc.property(schedules, attempts, randoms, asked, (schedule, made, random, retryAfterMs) => {
        const alone = nextAttemptAt(schedule, made, 0, { random });
        const at = nextAttemptAt(schedule, made, 0, { random, retryAfterMs });
        if (alone === undefined) return expect(at).toBeUndefined();
        expect(at).toBe(Math.max(alone, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS)));
      }),
    );
  });

  it('comes at the pauses of the schedule where nothing else is said', () => {
    const schedule = { pausesMs: [5, 300], jitter: 0 };
    expect(nextAttemptAt(schedule, 1, 1_000, { random: 0.7 })).toBe(1_005);
    expect(nextAttemptAt(schedule, 2, 1_000, { random: 0.7 })).toBe(1_300);
    expect(nextAttemptAt(schedule, 3, 1_000, { random: 0.7 })).toBeUndefined();
  });
});
