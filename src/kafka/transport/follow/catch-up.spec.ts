import { SharedCatchUp } from './catch-up.js';

describe('a shared catch-up', () => {
  it('runs once for many, and again for those who came while it ran', async () => {
    let begun = 0;
    const finish: (() => void)[] = [];
    const shared = new SharedCatchUp(() => {
      begun += 1;
      return new Promise((resolve) => finish.push(resolve));
    });
    const first = shared.wait(10_000);
    const others = Promise.all(Array.from({ length: 100 }, () => shared.wait(10_000)));
    expect(begun).toBe(1);
    finish[0]!();
    await first;
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toBe(2);
    finish[1]!();
    expect(await others).toEqual(Array.from({ length: 100 }, () => true));
    expect(begun).toBe(2);
  });

  it('gives up waiting, and survives failures', async () => {
    expect(await new SharedCatchUp(() => new Promise(() => {})).wait(5)).toBe(false);
    let begun = 0;
    const failing = new SharedCatchUp(async () => {
      begun += 1;
      throw new Error('Kafka is away');
    });
    expect(await failing.wait(10_000)).toBe(false);
    expect(await failing.wait(10_000)).toBe(false);
    expect(begun).toBe(2);
  });
});
