import { WakeUp } from './wake-up.js';

const HOUR = 3_600_000;

describe('a wake-up', () => {
  it('ends a wait that has begun', async () => {
    const wakeUp = new WakeUp();
    const waiting = wakeUp.wait(HOUR);
    wakeUp.wake();
    await expect(waiting).resolves.toBeUndefined();
  });

  it('that came before the wait is not lost, and counts once', async () => {
    const wakeUp = new WakeUp();
    wakeUp.wake();
    await wakeUp.wait(HOUR);
    const stop = new AbortController();
    let ended = false;
    const second = wakeUp.wait(HOUR, stop.signal).then(() => (ended = true));
    await Promise.resolve();
    expect(ended).toBe(false);
    stop.abort();
    await second;
  });

  it('waits no longer than it was told', async () => {
    await expect(new WakeUp().wait(1)).resolves.toBeUndefined();
  });
});
