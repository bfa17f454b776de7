/**
 * `npm run test:kafka`, in two passes, each of which tells what it runs on and ends with
 * `N passed, N failed`: the end-to-end stories, the conformance suite and the foreign clients on
 * Apache Kafka and the system's Postgres, instead of the embedded ones; then the foreign clients on
 * the embedded broker, with the same expectations.
 */
import { spawn } from 'node:child_process';
import { canRunApacheKafka, startApacheKafka } from './apache-kafka.mjs';
import { librdkafka } from './librdkafka.mjs';
import { findSystemPostgres, startSystemPostgres } from './system-postgres.mjs';

const CLIENTS = 'clients';
const PROJECTS = ['e2e', 'split', 'conformance', CLIENTS];

/** Folder of librdkafka's binding; empty, with a word on why, where it cannot be built. */
async function builtLibrdkafka() {
  try {
    return await librdkafka();
  } catch (error) {
    console.log(`librdkafka cannot be built here, its tests are left out: ${error.message}`);
    return '';
  }
}

function runTests(projects, binding, env) {
  const without = binding === '' ? ['--testPathIgnorePatterns', 'test/clients/librdkafka'] : [];
  const args = ['scripts/test.mjs', '--selectProjects', ...projects, ...without];
  const child = spawn(process.execPath, args, {
    stdio: 'inherit',
    env: { ...process.env, MILLRACE_CLIENTS_LIBRDKAFKA: binding, ...env },
  });
  return new Promise((resolve) => {
    child.once('exit', resolve);
  });
}

async function runOnApacheKafka(binding) {
  const kafka = await startApacheKafka();
  const bin = await findSystemPostgres();
  const postgres = bin === undefined ? undefined : await startSystemPostgres(bin);
  console.log(
    `On Apache Kafka ${kafka.version} and ${postgres?.version ?? 'the embedded Postgres'}`,
  );
  try {
    return await runTests(PROJECTS, binding, {
      MILLRACE_TEST_KAFKA: kafka.address,
      KAFKA_CONFORMANCE_BROKERS: kafka.address,
      KAFKA_CONFORMANCE_SASL_BROKERS: kafka.saslAddress,
      ...(postgres ? { MILLRACE_TEST_DATABASE_URL: postgres.url } : {}),
    });
  } finally {
    await Promise.all([kafka.stop(), postgres?.stop()]);
  }
}

if (!(await canRunApacheKafka())) {
  console.error('Apache Kafka and its clients need a JVM (17 or newer) and Maven on the PATH.');
  process.exit(1);
}
const binding = await builtLibrdkafka();
const onApacheKafka = await runOnApacheKafka(binding);
console.log('The foreign clients on the embedded broker');
const onEmbeddedBroker = await runTests([CLIENTS], binding, { KAFKA_CONFORMANCE_BROKERS: '' });
process.exitCode = onApacheKafka || onEmbeddedBroker || 0;
