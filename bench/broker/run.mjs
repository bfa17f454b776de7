/**
 * `npm run bench -- broker [--rounds 3] [--scale 1]`: the embedded broker beside Apache Kafka and
 * kfake, by Kafka's Java tools and by kafkajs. Needs a JVM and Maven, and Go for kfake. Prints one
 * table.
 */
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { getReadyToRun } from '../../scripts/ready-to-run.mjs';
import { kafkaJars, version } from '../../test/kafka/apache-kafka.mjs';
import { median, percentile } from '../support/statistics.mjs';
import { Worker } from '../support/worker.mjs';
import {
  canRunKfake,
  createTopics,
  memoryOf,
  removeKfake,
  startApache,
  startEmbedded,
  startKfake,
} from './brokers.mjs';
import { javaConsume, javaProduce } from './java-tools.mjs';

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    scale: { type: 'string', default: '1' },
  },
});
const MILLION = 1_000 * Math.ceil(1_000 * Number(values.scale));
const KAFKAJS_RECORDS = 1_000 * Math.ceil(300 * Number(values.scale));
const LATENCY_RECORDS = 500;
/** Before anything is measured: a cold JVM or Node tells little. */
const WARM_UP_RECORDS = 1_000 * Math.ceil(200 * Number(values.scale));
const TOPICS = 1_000;

const say = (text) => process.stdout.write(`${text}\n`);

/** All figures of one broker, by name. */
async function measure(broker, libs) {
  const figures = { 'start, ms': broker.startMs };
  const load = new Worker(join(import.meta.dirname, 'kafkajs-load.mjs'));
  const { address } = broker;
  await createTopics(broker, ['warm-up', 'java', 'kafkajs', 'latency']);
  await javaProduce(libs, address, 'warm-up', WARM_UP_RECORDS);
  await javaConsume(libs, address, 'warm-up', WARM_UP_RECORDS);
  const settings = { address, records: KAFKAJS_RECORDS };
  figures['Java produce, /s'] = await javaProduce(libs, address, 'java', MILLION);
  figures['Java consume, /s'] = await javaConsume(libs, address, 'java', MILLION);
  figures['memory after that, MiB'] = await memoryOf(broker.pid);
  figures['kafkajs produce, /s'] = await load.call('produce', { ...settings, topic: 'kafkajs' });
  figures['kafkajs consume, /s'] = await load.call('consume', { ...settings, topic: 'kafkajs' });
  const times = await load.call('latency', { address, topic: 'latency', records: LATENCY_RECORDS });
  figures['end to end p50, ms'] = percentile(times, 0.5);
  figures['end to end p99, ms'] = percentile(times, 0.99);
  load.stop();
  return figures;
}

/** Memory with many topics, of a broker that holds nothing else. */
async function withManyTopics(broker) {
  const names = Array.from({ length: TOPICS }, (_, number) => `many-${number}`);
  for (let first = 0; first < TOPICS; first += 100) {
    await createTopics(broker, names.slice(first, first + 100), 4);
  }
  return memoryOf(broker.pid);
}

/** Milliseconds that a start takes after `kill -9`, with about two gigabytes in one partition. */
async function recovery(libs) {
  const broker = await startEmbedded('never');
  await createTopics(broker, ['large']);
  await javaProduce(libs, broker.address, 'large', 6 * MILLION);
  await broker.kill();
  const again = await startEmbedded('never', broker.directory);
  await again.stop();
  return again.startMs;
}

async function withBroker(start, use) {
  const broker = await start();
  try {
    return await use(broker);
  } finally {
    await broker.stop();
  }
}

await getReadyToRun();
const libs = await kafkaJars();
const kinds = [
  ['Apache Kafka', startApache],
  ...((await canRunKfake()) ? [['kfake', startKfake]] : []),
  ...['never', 'interval', 'always'].map((fsync) => [`fsync ${fsync}`, () => startEmbedded(fsync)]),
];

const results = new Map(kinds.map(([name]) => [name, []]));
for (let round = 1; round <= Number(values.rounds); round += 1) {
  // Another one first each time: pages that one leaves to be written hold up who syncs after it.
  const first = (round - 1) % kinds.length;
  for (const [name, start] of [...kinds.slice(first), ...kinds.slice(0, first)]) {
    const figures = await withBroker(start, (broker) => measure(broker, libs));
    figures[`memory with ${TOPICS} topics of 4, MiB`] = await withBroker(start, withManyTopics);
    results.get(name).push(figures);
    say(`round ${round}, ${name}: ${JSON.stringify(figures)}`);
  }
}

const text = (number) => (number < 100 ? number.toPrecision(3) : Math.round(number).toString());
const spread = (all) => {
  const [low, middle, high] = [Math.min(...all), median(all), Math.max(...all)];
  return `${text(middle)} (${text(low)} to ${text(high)})`;
};
const [reference] = results.values();
const row = (cells) => say(`| ${cells.join(' | ')} |`);
say(`\nApache Kafka ${version}, Node ${process.version}, 300-byte records, one partition.`);
say(
  'Apache Kafka does not sync by default either; kfake has no disk. Of times and memory less is better.\n',
);
row(['', ...results.keys()]);
row(['---', ...[...results.keys()].map(() => '---')]);
for (const figure of Object.keys(reference[0])) {
  const valuesOf = (rows) => rows.map((figures) => figures[figure]);
  row([figure, ...[...results.values()].map((rows) => spread(valuesOf(rows)))]);
  const ratios = [...results.values()].map((rows) =>
    spread(valuesOf(rows).map((value, round) => value / reference[round][figure])),
  );
  row(['  to Apache Kafka', ...ratios]);
}
const recoveries = [];
for (let round = 1; round <= Number(values.rounds); round += 1) {
  recoveries.push(await recovery(libs));
}
const records = (6 * MILLION).toLocaleString('en');
await removeKfake();
say(`\nStart after kill -9 with ${records} records: ${spread(recoveries)} ms`);
process.exit(0);
