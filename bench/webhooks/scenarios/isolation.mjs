import { underLoad } from '../load.mjs';
import { against, atLeast, atMost, metric } from '../metric.mjs';

const ENDPOINTS = 10;
const PER_SECOND = 30;
const HANG_MS = 30_000;
/** The attempt waits longer than the endpoint hangs. */
const TIMEOUT_SECONDS = 60;

const nine = (bench, hangMs) =>
  underLoad(bench, {
    endpoints: ENDPOINTS,
    webhook: { timeoutSeconds: TIMEOUT_SECONDS },
    seconds: 10,
    order: { publishers: 8, perSecond: PER_SECOND },
    // The first endpoint is not counted in either run.
    receiving: (index) => (index === 0 ? { hangMs } : {}),
  });

/** Nine endpoints beside one that hangs, against the same nine beside one that does not. */
export const isolation = {
  name: 'isolation',
  settings: `${PER_SECOND} events/s to ${ENDPOINTS} endpoints, one hanging ${HANG_MS / 1000} s, maxInFlight 16 each`,
  async run(bench) {
    const without = await nine(bench, 1);
    const beside = await nine(bench, HANG_MS);
    return [
      metric("the other nine's rate", '/s', beside.deliveredRate, {
        aim: atLeast(0.99, 'ratio'),
        reference: against('none hanging', without.deliveredRate),
      }),
      metric("the other nine's p50", 'ms', beside.lag50, {
        reference: against('none hanging', without.lag50),
      }),
      metric("the other nine's p99", 'ms', beside.lag99, {
        aim: atMost(1.2, 'ratio'),
        reference: against('none hanging', without.lag99),
      }),
      metric('lost', '', beside.lost, { aim: atMost(0) }),
    ];
  },
};
