import { underLoad } from '../load.mjs';
import { against, atMost, metric } from '../metric.mjs';

const PER_SECOND = 100;

/** From before the publish call to the arrival at the endpoint, at a pace that nothing waits for. */
export const latency = {
  name: 'latency',
  settings: `${PER_SECOND} events/s from 16 publishers, maxInFlight 16`,
  async run(bench) {
    const result = await underLoad(bench, {
      endpoints: 1,
      webhook: {},
      seconds: 12,
      order: { publishers: 16, perSecond: PER_SECOND },
    });
    return [
      metric('publish to webhook p50', 'ms', result.lag50, {
        aim: atMost(4),
        reference: against('publish to 202', result.stored50),
      }),
      metric('publish to webhook p99', 'ms', result.lag99, {
        aim: atMost(13),
        reference: against('publish to 202', result.stored99),
      }),
      metric('lost', '', result.lost, { aim: atMost(0) }),
    ];
  },
};
