import { underLoad } from '../load.mjs';
import { against, atLeast, atMost, metric } from '../metric.mjs';

const PUBLISHERS = 32;
const MAX_IN_FLIGHT = 64;
const PACED = 2_500;

const load = (bench, order) =>
  underLoad(bench, {
    endpoints: 1,
    webhook: { maxInFlight: MAX_IN_FLIGHT },
    seconds: 8,
    order: { publishers: PUBLISHERS, ...order },
  });

/** 32 publishers over REST to one endpoint: as fast as they can, and at a pace. */
export const oneEndpoint = {
  name: 'one-endpoint',
  settings: `${PUBLISHERS} publishers as fast as they can, then at ${PACED} events/s together, maxInFlight ${MAX_IN_FLIGHT}`,
  async run(bench) {
    const bare = await bench.referenceRate();
    const fast = await load(bench, {});
    const paced = await load(bench, { perSecond: PACED });
    return [
      metric('delivered', '/s', fast.deliveredRate, {
        aim: atLeast(2500),
        reference: against('bare loop', bare),
      }),
      metric('published', '/s', fast.publishedRate),
      metric('lag p50', 'ms', fast.lag50),
      metric('lag p99', 'ms', fast.lag99, { aim: atMost(1000) }),
      metric('CPU', 'µs/delivery', fast.cpuPerDelivery),
      metric('paced, delivered', '/s', paced.deliveredRate),
      metric('paced, lag p99', 'ms', paced.lag99),
      metric('lost', '', fast.lost + paced.lost, { aim: atMost(0) }),
    ];
  },
};
