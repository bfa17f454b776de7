import { countDisordered, countLost } from '../figures.mjs';
import { against, atMost, metric } from '../metric.mjs';

const EVENTS = 3_000;
const KEYS = 100;
/** Divides the keys, so that each key's events come from one publisher, in order. */
const PUBLISHERS = 25;
const PER_SECOND = 600;
const FAIL_SHARE = 0.05;
const SCHEDULE = [1, 1, 1, 1, 1, 1];

const failing = (bench, ordering) =>
  bench.withTopic(async (topic) => {
    const capacity = Math.ceil(EVENTS * bench.scale);
    const retry = { scheduleSeconds: SCHEDULE, jitter: 0 };
    const id = await topic.subscribe({
      webhook: { ordering, maxInFlight: 64, retry },
      receiving: { capacity, failShare: FAIL_SHARE },
    });
    const order = { publishers: PUBLISHERS, perSecond: PER_SECOND, count: capacity, keys: KEYS };
    const published = await topic.publish({ ...order, capacity });
    await topic.delivered(capacity);
    const report = await bench.report(id);
    return {
      disordered: countDisordered(report, KEYS),
      lost: countLost(published, [report]),
      failed: report.failed,
    };
  });

/** Answers of 500 with ordering by key; the same without it shows that disorder would be seen. */
export const order = {
  name: 'order',
  settings: `${EVENTS} events of ${KEYS} keys at ${PER_SECOND}/s, ${FAIL_SHARE * 100} % answered 500, pauses of ${SCHEDULE[0]} s, maxInFlight 64`,
  async run(bench) {
    const unordered = await failing(bench, 'none');
    const ordered = await failing(bench, 'key');
    return [
      metric('out of order', 'events', ordered.disordered, {
        aim: atMost(0),
        reference: against('ordering none', unordered.disordered),
      }),
      metric('answered 500', 'requests', ordered.failed),
      metric('lost', '', ordered.lost + unordered.lost, { aim: atMost(0) }),
    ];
  },
};
