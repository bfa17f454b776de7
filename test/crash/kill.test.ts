import { eventually } from '../support/eventually.js';
import { checkDelivery } from './checker/check-delivery.js';
import { Load } from './support/load.js';
import { LiveReader, readAll } from './support/read-all.js';
import { createLoadTopic, RealMillrace, type Part } from './support/real-millrace.js';

const KEYS = 16;
const EVENTS_BETWEEN = 300;
const KILLS = 2;

const moreThan = (count: number) => (now: number) => now > count;

describe('kill -9 under load', () => {
  it.each<Part>(['everything', 'application', 'broker', 'postgres'])(
    'of %s loses nothing that was acknowledged, and keeps the order of each key',
    async (part) => {
      const millrace = await RealMillrace.create();
      await createLoadTopic(millrace, 'load', ['live', 'afterwards']);
      const live = new LiveReader(millrace, 'live');
      const load = new Load(millrace, 'load', KEYS);
      for (let kills = 0; kills < KILLS; kills += 1) {
        await eventually(() => load.count, moreThan(load.count + EVENTS_BETWEEN), 60);
        await millrace.kill(part);
        if (part === 'everything' || part === 'application') await millrace.start();
      }
      await eventually(() => load.count, moreThan(load.count + EVENTS_BETWEEN), 60);
      const acknowledged = await load.stop();
      await eventually(() => live.count, moreThan(acknowledged.length - 1), 60);
      const arrivedLive = await live.stop();
      const arrived = await readAll(millrace, 'afterwards');
      expect(checkDelivery(acknowledged, arrived).faults).toEqual([]);
      expect(checkDelivery(acknowledged, arrivedLive).faults).toEqual([]);
      expect(await millrace.stop()).toBe(0);
      await millrace.remove();
    },
    240_000,
  );
});
