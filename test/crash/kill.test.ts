import { eventually } from '../support/eventually.js';
import { checkDelivery } from './checker/check-delivery.js';
import { Load } from './support/load.js';
import { LiveReader, readAll } from './support/read-all.js';
import { RealMillrace, type Part } from './support/real-millrace.js';

const KEYS = 16;
const EVENTS_BETWEEN = 300;
const KILLS = 2;

async function call(millrace: RealMillrace, method: string, path: string, json: unknown) {
  const answer = await fetch(millrace.url + path, {
    method,
    headers: {
      authorization: `Bearer ${millrace.adminKey}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(json),
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
}

async function subscribe(millrace: RealMillrace): Promise<void> {
  await call(millrace, 'PUT', '/v1/topics/load', { partitions: 4 });
  for (const id of ['live', 'afterwards'])
    await call(millrace, 'POST', '/v1/subscriptions', {
      ...{ id, topic: 'load', kind: 'stream', start: 'earliest' },
    });
}

const moreThan = (count: number) => (now: number) => now > count;

describe('kill -9 under load', () => {
  it.each<Part>(['everything', 'application', 'broker', 'postgres'])(
    'of %s loses nothing that was acknowledged, and keeps the order of each key',
    async (part) => {
      const millrace = await RealMillrace.create();
      await subscribe(millrace);
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
