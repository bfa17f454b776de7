import { eventually } from '../../support/eventually.js';
import type { Disturbance } from '../checker/check-webhook.js';
import { Audience, characters } from './audience.js';
import { Load } from './load.js';
import { createLoadTopic, RealMillrace, type Part } from './real-millrace.js';

const { ordered, unordered, failing, hanging, hopeless } = characters;
const KEYS = 8;
const PAUSE_MS = 50;
const EVENTS_BETWEEN = 150;
const KILLS = 2;

const moreThan = (count: number) => (now: number) => now > count;

/** Kills parts of Millrace, each twice, while webhooks of every character are delivered. */
export const killWhileWebhooksAreDelivered = (...parts: readonly Part[]): void => {
  let millrace: RealMillrace;
  let audience: Audience;

  beforeAll(async () => {
    millrace = await RealMillrace.create();
  });
  afterEach(() => audience.leave());
  afterAll(() => millrace.remove());

  /** Kills a part, brings it back where nobody else does, and tells when that was. */
  const disturb = async (part: Part, load: Load): Promise<Disturbance> => {
    const from = performance.now();
    await millrace.kill(part);
    if (part === 'everything' || part === 'application') {
      const to = performance.now();
      await millrace.start();
      return { from, to };
    }
    await eventually(() => load.count, moreThan(load.count + KEYS), 60);
    return { from, to: performance.now() };
  };

  it.each(parts)(
    'of %s loses no event, keeps the order of each key, and repeats no more than it must',
    async (part) => {
      await createLoadTopic(millrace, part, []);
      const invited = [ordered, unordered, failing, hanging, hopeless];
      audience = await Audience.invite(millrace, part, invited);
      const load = new Load(millrace, { topic: part, keys: KEYS, pauseMs: PAUSE_MS });
      const disturbances: Disturbance[] = [];
      for (let kills = 0; kills < KILLS; kills += 1) {
        await eventually(() => load.count, moreThan(load.count + EVENTS_BETWEEN), 60);
        disturbances.push(await disturb(part, load));
      }
      await eventually(() => load.count, moreThan(load.count + EVENTS_BETWEEN), 60);
      const acknowledged = await load.stop();
      await audience.drain();
      expect((await audience.judge(acknowledged, disturbances)).faults).toEqual([]);
    },
    240_000,
  );

  it('leaves a Millrace that drains and ends with 0', async () => {
    expect(await millrace.stop()).toBe(0);
  });
};
