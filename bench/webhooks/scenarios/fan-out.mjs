import { underLoad } from '../load.mjs';
import { against, atLeast, atMost, metric } from '../metric.mjs';

const ENDPOINTS = 10;
const PER_SECOND = 700;
const MAX_IN_FLIGHT = 64;

/** Each event to ten subscriptions. Paced above the aim: lag tells whether it keeps up. */
export const fanOut = {
  name: 'fan-out',
  settings: `${ENDPOINTS} subscriptions, 32 publishers at ${PER_SECOND} events/s together, maxInFlight ${MAX_IN_FLIGHT} each`,
  async run(bench) {
    const bare = await bench.referenceRate();
    const result = await underLoad(bench, {
      endpoints: ENDPOINTS,
      webhook: { maxInFlight: MAX_IN_FLIGHT },
      seconds: 8,
      order: { publishers: 32, perSecond: PER_SECOND },
    });
    return [
      metric('delivered', '/s', result.deliveredRate, {
        aim: atLeast(6000),
        reference: against('bare loop', bare),
      }),
      metric('published', '/s', result.publishedRate),
      metric('lag p50', 'ms', result.lag50),
      metric('lag p99', 'ms', result.lag99),
      metric('lost', '', result.lost, { aim: atMost(0) }),
      metric('CPU', 'µs/delivery', result.cpuPerDelivery),
    ];
  },
};
