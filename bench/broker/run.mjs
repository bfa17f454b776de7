/**
 * `npm run bench -- broker [--rounds 3] [--scale 1]`: the embedded broker beside Apache Kafka, by
 * Kafka's Java tools and by kafkajs. Needs a JVM and Maven. Prints one table.
 */
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { getReadyToRun } from '../../scripts/ready-to-run.mjs';
import { kafkaJars, version } from '../../test/kafka/apache-kafka.mjs';
import { median, percentile } from '../support/statistics.mjs';
import { Worker } from '../support/worker.mjs';
import { createTopics, memoryOf, startApache, startEmbedded } from './brokers.mjs';
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
const TOPICS = 1_000;

const say = (text) => process.stdout.write(`${text}\n`);

/** All figures of one broker, by name. */
async function measure(broker, libs) {
  const figures = { 'start, ms': broker.startMs };
  const load = new Worker(join(import.meta.dirname, 'kafkajs-load.mjs'));
  const { address } = broker;
  await createTopics(broker, ['java', 'kafkajs', 'latency']);
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

const kinds = [
  ['Apache Kafka', startApache],
  ['embedded, fsync never', () => startEmbedded('never')],
  ['embedded, fsync always', () => startEmbedded('always')],
];

await getReadyToRun();
const libs = await kafkaJars();
const results = new Map(kinds.map(([name]) => [name, []]));
for (let round = 1; round <= Number(values.rounds); round += 1) {
  for (const [name, start] of kinds) {
    const broker = await start();
    const figures = await measure(broker, libs);
    await broker.stop();
    const empty = await start();
    figures[`memory with ${TOPICS} topics of 4, MiB`] = await withManyTopics(empty);
    await empty.stop();
    results.get(name).push(figures);
    say(`round ${round}, ${name}: ${JSON.stringify(figures)}`);
  }
}

const shown = (rows, figure) => {
  const all = rows.map((row) => row[figure]);
  const text = (number) => (number < 100 ? number.toPrecision(3) : Math.round(number).toString());
  return `${text(median(all))} (${text(Math.min(...all))} to ${text(Math.max(...all))})`;
};
const [reference] = results.values();
const columns = [...results.keys()];
say(`\nApache Kafka ${version}, Node ${process.version}, 300-byte records, one partition`);
say(`\n| | ${columns.join(' | ')} | ratio, never | ratio, always |`);
say(`| --- |${' --- |'.repeat(columns.length + 2)}`);
for (const figure of Object.keys(reference[0])) {
  const cells = columns.map((name) => shown(results.get(name), figure));
  const ratios = columns.slice(1).map((name) => {
    const each = results.get(name).map((row, round) => row[figure] / reference[round][figure]);
    return median(each).toFixed(2);
  });
  say(`| ${figure} | ${[...cells, ...ratios].join(' | ')} |`);
}
say(
  `\nStart after kill -9 with ${(6 * MILLION).toLocaleString('en')} records: ${Math.round(await recovery(libs))} ms`,
);
process.exit(0);
