/**
 * `npm run bench -- webhooks [scenario …] [--rounds 3] [--scale 1]`: delivering to webhooks, each
 * scenario in every round, against a named reference in the same round. Prints one table.
 *
 * KAFKA_BROKERS and DATABASE_URL name servers to use; without them the embedded ones are started.
 * BENCH_CPU_PROF=directory writes CPU profiles of Millrace.
 */
import { createRequire } from 'node:module';
import { cpus, release, type } from 'node:os';
import { parseArgs } from 'node:util';
import { getReadyToRun } from '../../scripts/ready-to-run.mjs';
import { Bench } from './bench.mjs';
import { underLoad } from './load.mjs';
import { Platform } from './platform.mjs';
import { formatTable, rowsOf } from './table.mjs';
import { drain } from './scenarios/drain.mjs';
import { fanOut } from './scenarios/fan-out.mjs';
import { isolation } from './scenarios/isolation.mjs';
import { kill } from './scenarios/kill.mjs';
import { latency } from './scenarios/latency.mjs';
import { oneEndpoint } from './scenarios/one-endpoint.mjs';
import { order } from './scenarios/order.mjs';

const all = [oneEndpoint, fanOut, drain, latency, isolation, order, kill];
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    scale: { type: 'string', default: '1' },
  },
});

function chosen() {
  const unknown = positionals.find((name) => !all.some((scenario) => scenario.name === name));
  if (unknown !== undefined) {
    throw new Error(`There is no ${unknown}: ${all.map(({ name }) => name).join(', ')}`);
  }
  return positionals.length === 0 ? all : all.filter(({ name }) => positionals.includes(name));
}

const undici = createRequire(import.meta.url)('undici/package.json');
const say = (text) => process.stdout.write(`${text}\n`);

const showMetric = ({ name, value, unit }) => `${name} ${value?.toFixed(1)} ${unit}`.trim();

/** Code that has just been loaded is compiled meanwhile, for about as long as this takes. */
const warmUp = (bench) =>
  underLoad(bench, {
    endpoints: 4,
    webhook: { maxInFlight: 64 },
    seconds: 4,
    order: { publishers: 32 },
  });

/** Every scenario in every round: what the machine does meanwhile should not always hit the same. */
async function measure(bench, scenarios) {
  const results = new Map(scenarios.map(({ name }) => [name, []]));
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    bench.beginRound();
    for (const scenario of scenarios) {
      const metrics = await scenario.run(bench);
      results.get(scenario.name).push(metrics);
      say(`round ${round}, ${scenario.name}: ${metrics.map(showMetric).join(', ')}`);
    }
  }
  return results;
}

await getReadyToRun();
const scenarios = chosen();
const platform = await Platform.create();
const bench = new Bench(platform, Number(values.scale));
try {
  await bench.start();
  await warmUp(bench);
  const results = await measure(bench, scenarios);
  say(`\nnpm run bench -- webhooks ${process.argv.slice(2).join(' ')}`);
  say(`${new Date().toISOString()}, Node ${process.version}, undici ${undici.version}`);
  say(`${cpus().length} × ${cpus()[0]?.model}, ${type()} ${release()}\n`);
  if (bench.scale !== 1) say(`Events and seconds are ${bench.scale} of these:`);
  for (const { name, settings } of scenarios) say(`- ${name}: ${settings}`);
  say(`\n${formatTable(rowsOf(results))}`);
} finally {
  bench.stop();
  await platform.remove();
}
