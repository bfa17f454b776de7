import { cpuSecondsOf } from '../../support/cpu-seconds.mjs';
import { arrivalRate } from '../bench.mjs';
import { dataOf, eventType } from '../events.mjs';
import { against, atLeast, atMost, metric } from '../metric.mjs';

const EVENTS = 20_000;
const BATCH = 500;
const MAX_IN_FLIGHT = 64;

/** The backlog: stored before anybody subscribes, in batches. */
async function fill({ platform, name }, count) {
  for (let first = 0; first < count; first += BATCH) {
    const events = Array.from({ length: Math.min(BATCH, count - first) }, (_, index) => ({
      specversion: '1.0',
      id: `${name}-${first + index}`,
      source: '/bench',
      type: eventType,
      partitionkey: `key-${(first + index) % 1000}`,
      data: JSON.parse(dataOf(first + index)),
    }));
    const type = 'application/cloudevents-batch+json';
    await platform.call('POST', `/v1/topics/${name}/events`, events, type);
  }
}

/** A backlog with no publisher, against a loop that only signs and posts, run before and after it. */
export const drain = {
  name: 'drain',
  settings: `${EVENTS} events before the subscription, maxInFlight ${MAX_IN_FLIGHT}`,
  async run(bench) {
    const count = Math.ceil(EVENTS * bench.scale);
    return bench.withTopic(async (topic) => {
      await fill(topic, count);
      const before = await bench.bareLoop();
      const cpuBefore = await cpuSecondsOf(topic.platform.pid);
      const id = await topic.subscribe({
        start: 'earliest',
        webhook: { maxInFlight: MAX_IN_FLIGHT },
        receiving: { capacity: count },
      });
      await topic.delivered(count);
      const cpuSeconds = (await cpuSecondsOf(topic.platform.pid)) - cpuBefore;
      const { takenAt, order } = await bench.report(id);
      const after = await bench.bareLoop();
      return [
        metric('delivered', '/s', arrivalRate(takenAt), {
          aim: atLeast(0.6, 'ratio'),
          reference: against('bare loop', (before.perSecond + after.perSecond) / 2),
        }),
        metric('CPU', 'µs/delivery', (cpuSeconds * 1e6) / count, {
          reference: against('bare loop', (before.cpu + after.cpu) / 2),
        }),
        metric('lost', '', count - order.length, { aim: atMost(0) }),
      ];
    });
  },
};
