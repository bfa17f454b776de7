import { eventually } from '../support/eventually.js';
import { checkDelivery } from './checker/check-delivery.js';
import { Load } from './support/load.js';
import { LyingProxy, type Plant } from './support/lying-proxy.js';
import { createLoadTopic, RealMillrace } from './support/real-millrace.js';
import { readAll } from './support/read-all.js';

interface Bug {
  readonly name: string;
  readonly plant: Plant;
  readonly fault: string | undefined;
}

const bugs: readonly Bug[] = [
  { name: 'nothing', plant: {}, fault: undefined },
  {
    name: 'an acknowledgement without a write',
    plant: {
      publish: (count) =>
        count === 20 ? { messageId: 'msg_never', partition: 0, offset: 1_000_000 } : undefined,
    },
    fault: 'lost:',
  },
  {
    name: 'an event swallowed on its way to the reader',
    plant: { read: (events) => events.slice(0, -1) },
    fault: 'lost:',
  },
  {
    name: 'events in another order',
    plant: { read: (events) => events.toReversed() },
    fault: 'order:',
  },
];

describe('the checker', () => {
  let millrace: RealMillrace;
  let topics = 0;

  beforeAll(async () => {
    millrace = await RealMillrace.create();
  });
  afterAll(async () => {
    await millrace.stop();
    await millrace.remove();
  });

  it.each(bugs)('judges rightly when the planted bug is $name', async ({ plant, fault }) => {
    const topic = `planted-${(topics += 1)}`;
    await createLoadTopic(millrace, topic, [`read-${topic}`]);
    const proxy = await LyingProxy.start(millrace, plant);
    const load = new Load(proxy.target, { topic, keys: 4 });
    await eventually(
      () => load.count,
      (count) => count >= 60,
    );
    const acknowledged = await load.stop();
    const arrived = await readAll(proxy.target, `read-${topic}`);
    await proxy.stop();
    const { faults } = checkDelivery(acknowledged, arrived);
    expect(faults.length > 0).toBe(fault !== undefined);
    expect(faults.join('\n')).toContain(fault ?? '');
  });
});
