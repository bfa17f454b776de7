import { eventually } from '../support/eventually.js';
import { checkDelivery } from './checker/check-delivery.js';
import { Load } from './support/load.js';
import { LiveReader, readAll } from './support/read-all.js';
import { createLoadTopic, RealMillrace, type Part } from './support/real-millrace.js';

const KEYS = 16;
const EVENTS_BETWEEN = 150;
const KILLS = 2;

const moreThan = (count: number) => (now: number) => now > count;

describe('kill -9 under load', () => {
  let millrace: RealMillrace;

  beforeAll(async () => {
    millrace = await RealMillrace.create();
  });
  afterAll(() => millrace.remove());

  it.each<Part>(['everything', 'application', 'broker', 'postgres'])(
    'of %s loses nothing that was acknowledged, and keeps the order of each key',
    async (part) => {
      const [live, afterwards] = [`live-${part}`, `afterwards-${part}`];
      await createLoadTopic(millrace, part, [live, afterwards]);
      const reader = new LiveReader(millrace, live);
      const load = new Load(millrace, { topic: part, keys: KEYS });
      for (let kills = 0; kills < KILLS; kills += 1) {
        await eventually(() => load.count, moreThan(load.count + EVENTS_BETWEEN), 60);
        await millrace.kill(part);
        if (part === 'everything' || part === 'application') await millrace.start();
      }
      await eventually(() => load.count, moreThan(load.count + EVENTS_BETWEEN), 60);
      const acknowledged = await load.stop();
      await eventually(() => reader.count, moreThan(acknowledged.length - 1), 60);
      const arrived = [await reader.stop(), await readAll(millrace, afterwards)];
      const faults = arrived.flatMap((events) => checkDelivery(acknowledged, events).faults);
      expect(faults).toEqual([]);
    },
    240_000,
  );

  it('leaves a Millrace that drains and ends with 0', async () => {
    expect(await millrace.stop()).toBe(0);
  });
});
