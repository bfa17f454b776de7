/**
 * `npm run test:kafka`, in two passes, each of which tells what it runs on and ends with
 * `N passed, N failed`: the end-to-end stories, the conformance suite and the foreign clients on
 * Apache Kafka and the system's Postgres, instead of the embedded ones; then the foreign clients on
 * the embedded broker, with the same expectations.
 */
import { spawn } from 'node:child_process';
import { canCompileJava, canRunApacheKafka, startApacheKafka } from './apache-kafka.mjs';
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

/** Whether there is a JDK; says what is left out without one. */
async function hasJdk() {
  if (await canCompileJava()) return true;
  console.log('There is no javac here, a JDK has it: the Java clients and the tools are left out');
  return false;
}

/** Those of these projects that can run, and what of them cannot: arguments of Jest. */
function whatCanRun(projects, { binding, jdk }) {
  const without = [];
  if (binding === '') without.push('test/clients/librdkafka');
  if (!jdk) without.push('test/clients/(java|tools)');
  const left = projects.filter((project) => project !== CLIENTS || without.length < 2);
  const patterns = without.length > 0 ? ['--testPathIgnorePatterns', ...without] : [];
  return left.length > 0 ? ['--selectProjects', ...left, ...patterns] : undefined;
}

/** Resolves with the exit code; with 0 where none of the projects can run. */
async function runTests(projects, found, env) {
  const args = whatCanRun(projects, found);
  if (args === undefined) return 0;
  const child = spawn(process.execPath, ['scripts/test.mjs', ...args], {
    stdio: 'inherit',
    env: { ...process.env, MILLRACE_CLIENTS_LIBRDKAFKA: found.binding, ...env },
  });
  return new Promise((resolve) => {
    child.once('exit', resolve);
  });
}

async function runOnApacheKafka(found) {
  const kafka = await startApacheKafka();
  let postgres;
  try {
    const bin = await findSystemPostgres();
    postgres = bin === undefined ? undefined : await startSystemPostgres(bin);
    console.log(
      `On Apache Kafka ${kafka.version} and ${postgres?.version ?? 'the embedded Postgres'}`,
    );
    return await runTests(PROJECTS, found, {
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
  console.error('Apache Kafka needs a JVM (17 or newer) and Maven on the PATH.');
  process.exit(1);
}
const found = { binding: await builtLibrdkafka(), jdk: await hasJdk() };
const onApacheKafka = await runOnApacheKafka(found);
console.log('The foreign clients on the embedded broker');
const onEmbeddedBroker = await runTests([CLIENTS], found, { KAFKA_CONFORMANCE_BROKERS: '' });
process.exitCode = onApacheKafka || onEmbeddedBroker || 0;
