import { setTimeout as pause } from 'node:timers/promises';
import { countLost, countRepeats, countStored } from '../figures.mjs';
import { atMost, metric } from '../metric.mjs';
import { Platform } from '../platform.mjs';

const ENDPOINTS = 10;
const PER_SECOND = 80;
const SECONDS = 15;
/** The kill comes after this share of the time. */
const KILLED_AT = 0.4;

/** Kills everything while `publishing` goes on, and starts it again. @returns seconds it was away */
async function killAndStart(platform, afterMs) {
  await pause(afterMs);
  const killedAt = performance.now();
  await platform.kill();
  await platform.start();
  return (performance.now() - killedAt) / 1000;
}

/** `kill -9` of application, broker and Postgres under load; publishers repeat what got no 202. */
export const kill = {
  name: 'kill',
  settings: `${PER_SECOND} events/s to ${ENDPOINTS} endpoints for ${SECONDS} s, killed once, maxInFlight 16 each`,
  async run(bench) {
    const platform = await Platform.create({ without: ['KAFKA_BROKERS', 'DATABASE_URL'] });
    try {
      return await bench.withTopic((topic) => measure(bench, topic), platform);
    } finally {
      await platform.remove();
    }
  },
};

async function measure(bench, topic) {
  const seconds = SECONDS * bench.scale;
  const capacity = Math.ceil(seconds * PER_SECOND);
  for (let index = 0; index < ENDPOINTS; index += 1) {
    await topic.subscribe({ webhook: {}, receiving: { capacity } });
  }
  const order = { publishers: 32, perSecond: PER_SECOND, seconds, persistent: true };
  const [published, away] = await Promise.all([
    topic.publish({ ...order, capacity }),
    killAndStart(topic.platform, seconds * KILLED_AT * 1000),
  ]);
  await topic.delivered(capacity);
  const reports = await topic.reports();
  const deliveries = countStored(published) * ENDPOINTS;
  const repeats = countRepeats(published, reports);
  return [
    metric('lost', 'deliveries', countLost(published, reports), { aim: atMost(0) }),
    metric('duplicates', '%', (100 * repeats) / deliveries, { aim: atMost(1) }),
    metric('repeats', 'deliveries', repeats),
    metric('away', 's', away),
  ];
}
