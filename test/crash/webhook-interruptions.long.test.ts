import { eventually } from '../support/eventually.js';
import { checkDelivery } from './checker/check-delivery.js';
import type { Disturbance } from './checker/check-webhook.js';
import { Audience, characters } from './support/audience.js';
import { Load } from './support/load.js';
import { LiveReader, readAll } from './support/read-all.js';
import { createLoadTopic, RealMillrace } from './support/real-millrace.js';

const { ordered, unordered, failing, hanging, slow } = characters;
const KEYS = 8;
const PAUSE_MS = 50;
const EVENTS_BETWEEN = 200;
/** Longer than the session time-out of groups and the leases of readers. */
const FROZEN_MS = 13_000;

const moreThan = (count: number) => (now: number) => now > count;

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

describe('a Millrace that is interrupted while it delivers webhooks', () => {
  let millrace: RealMillrace;
  let audience: Audience;

  beforeAll(async () => {
    millrace = await RealMillrace.create();
  });
  afterEach(() => audience.leave());
  afterAll(async () => {
    await millrace.stop();
    await millrace.remove();
  });

  const flows = (load: Load) =>
    eventually(() => load.count, moreThan(load.count + EVENTS_BETWEEN), 60);

  it('drains at Ctrl-C, and goes on after the next start with hardly a repeat', async () => {
    await createLoadTopic(millrace, 'ended', []);
    audience = await Audience.invite(millrace, 'ended', [
      ordered,
      unordered,
      failing,
      hanging,
      slow,
    ]);
    const load = new Load(millrace, { topic: 'ended', keys: KEYS, pauseMs: PAUSE_MS });
    const disturbances: Disturbance[] = [];
    for (let times = 0; times < 2; times += 1) {
      await flows(load);
      const from = performance.now();
      expect(await millrace.stop()).toBe(0);
      disturbances.push({ from, to: performance.now() });
      await millrace.start();
    }
    await flows(load);
    const acknowledged = await load.stop();
    await audience.drain();
    const { faults, repeats } = await audience.judge(acknowledged, disturbances);
    expect(faults).toEqual([]);
    expect(repeats).toBeLessThan(acknowledged.length / 100);
  }, 120_000);

  it('finds its way back when it was stopped for longer than its sessions last', async () => {
    await createLoadTopic(millrace, 'frozen', ['live-frozen', 'afterwards-frozen']);
    audience = await Audience.invite(millrace, 'frozen', [ordered, unordered, failing, hanging]);
    const reader = new LiveReader(millrace, 'live-frozen');
    const load = new Load(millrace, { topic: 'frozen', keys: KEYS, pauseMs: PAUSE_MS });
    await flows(load);
    const from = performance.now();
    millrace.freeze();
    await pause(FROZEN_MS);
    millrace.thaw();
    const to = performance.now();
    await flows(load);
    const acknowledged = await load.stop();
    await audience.drain();
    expect((await audience.judge(acknowledged, [{ from, to }])).faults).toEqual([]);
    await eventually(() => reader.count, moreThan(acknowledged.length - 1), 60);
    const arrived = [await reader.stop(), await readAll(millrace, 'afterwards-frozen')];
    expect(arrived.flatMap((events) => checkDelivery(acknowledged, events).faults)).toEqual([]);
  }, 120_000);
});
