import { deadlineOf, patienceMs } from './deadline.js';

describe('the deadline of a request', () => {
  it('is what the header says, else 30 s after it was sent', () => {
    expect(deadlineOf('1700000000000', 5)).toBe(1_700_000_000_000);
    expect(deadlineOf(undefined, 1_000)).toBe(31_000);
  });

  it.each(['', ' ', 'soon', '1.5', '-1', '1e400', 'NaN'])('cannot be %j', (header) => {
    expect(() => deadlineOf(header, 0)).toThrow('not a time');
  });

  it('leaves a handler the time until then, at most five minutes', () => {
    expect(patienceMs(1_500, 1_000)).toBe(500);
    expect(patienceMs(1_000, 1_500)).toBeLessThanOrEqual(0);
    expect(patienceMs(Number.MAX_SAFE_INTEGER, 0)).toBe(300_000);
  });
});
