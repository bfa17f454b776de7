/** A load on subscriptions of one topic, measured after a warm-up. */
import { cpuSecondsOf } from '../support/cpu-seconds.mjs';
import {
  countLost,
  countStored,
  deliveryRate,
  latencies,
  p50,
  p99,
  rateWithin,
} from './figures.mjs';

const WARM_UP_SECONDS = 2;
/** More than the publishers can store in a second here. */
const MOST_PER_SECOND = 20_000;

/**
 * Publishes for the scenario's seconds to `endpoints` subscriptions and waits for the deliveries.
 * @param order of the publishers: `publishers`, `perSecond`
 * @returns rates within the measured seconds, lags of what arrived in them, and what was lost
 */
export function underLoad(bench, { endpoints, webhook, seconds, order, receiving = () => ({}) }) {
  const measured = seconds * bench.scale;
  const lasts = WARM_UP_SECONDS + measured;
  const capacity = Math.ceil(lasts * (order.perSecond ?? MOST_PER_SECOND));
  return bench.withTopic(async (topic) => {
    for (let index = 0; index < endpoints; index += 1) {
      await topic.subscribe({ webhook, receiving: { capacity, ...receiving(index) } });
    }
    const awaited = topic.endpoints.filter((_, index) => !receiving(index).hangMs);
    const cpuBefore = await cpuSecondsOf(topic.platform.pid);
    const published = await topic.publish({ ...order, seconds: lasts, capacity });
    await topic.delivered(countStored(published), awaited);
    const cpuSeconds = (await cpuSecondsOf(topic.platform.pid)) - cpuBefore;
    const reports = await topic.reports(awaited);
    const from = published.startedAt + WARM_UP_SECONDS * 1000;
    const window = { from, to: from + measured * 1000 };
    const lags = latencies(published, reports, window);
    return {
      publishedRate: rateWithin(published.storedAt, window),
      deliveredRate: deliveryRate(reports, window),
      lag50: p50(lags),
      lag99: p99(lags),
      lost: countLost(published, reports),
      cpuPerDelivery: (cpuSeconds * 1e6) / (countStored(published) * awaited.length),
      stored50: p50(storeTimes(published, window)),
      stored99: p99(storeTimes(published, window)),
    };
  });
}

/** Milliseconds that publish calls took, of those answered within the window. */
function storeTimes({ sentAt, storedAt }, { from, to }) {
  const found = [];
  storedAt.forEach((at, number) => {
    if (at > from && at <= to) found.push(at - sentAt[number]);
  });
  return found;
}
