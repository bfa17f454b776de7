import { MissLimiter } from './miss-limiter.js';

describe('the limit of misses', () => {
  it('lets a key ask again after a second', () => {
    let now = 0;
    const limiter = new MissLimiter(() => now);
    const asks = Array.from({ length: 7 }, () => limiter.mayAsk('k'));
    expect(asks).toEqual([true, true, true, true, true, false, false]);
    expect(limiter.mayAsk('other')).toBe(true);
    now = 1_000;
    expect(limiter.mayAsk('k')).toBe(true);
  });
});
