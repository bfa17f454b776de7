import { HealthRegistry } from './health-registry.js';

describe('readiness', () => {
  it('is there when every check is fine', async () => {
    const health = new HealthRegistry();
    health.register('a', async () => ({ ok: true, detail: 'fine' }));
    expect(await health.readiness()).toEqual({
      ready: true,
      checks: [{ name: 'a', ok: true, detail: 'fine' }],
    });
  });

  it('is not there when a check is not fine, or throws', async () => {
    const health = new HealthRegistry();
    health.register('a', async () => ({ ok: true }));
    health.register('b', async () => ({ ok: false, detail: 'down' }));
    health.register('c', async () => {
      throw new Error('broken');
    });
    const { ready, checks } = await health.readiness();
    expect(ready).toBe(false);
    expect(checks.map(({ ok, detail }) => [ok, detail])).toEqual([
      [true, undefined],
      [false, 'down'],
      [false, 'broken'],
    ]);
  });

  it('does not wait for a check that hangs', async () => {
    const health = new HealthRegistry();
    health.register('a', () => new Promise(() => undefined));
    expect((await health.readiness()).ready).toBe(false);
  });

  it('asks once for all who ask at the same time', async () => {
    let asked = 0;
    const health = new HealthRegistry();
    health.register('a', async () => ({ ok: (asked += 1) > 0 }));
    await Promise.all([health.readiness(), health.readiness()]);
    expect(asked).toBe(1);
  });

  it('forgets a check that was taken out', async () => {
    const health = new HealthRegistry();
    const takeOut = health.register('a', async () => ({ ok: false }));
    takeOut();
    expect((await health.readiness()).ready).toBe(true);
  });
});
