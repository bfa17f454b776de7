/**
 * `npm run test:kafka`: the end-to-end stories on Apache Kafka and the system's Postgres, instead
 * of the embedded ones. Ends with `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { canRunApacheKafka, startApacheKafka } from './apache-kafka.mjs';
import { findSystemPostgres, startSystemPostgres } from './system-postgres.mjs';

const PROJECTS = ['e2e', 'split', 'conformance'];

function runTests(env) {
  const child = spawn(process.execPath, ['scripts/test.mjs', '--selectProjects', ...PROJECTS], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  return new Promise((resolve) => {
    child.once('exit', resolve);
  });
}

if (!(await canRunApacheKafka())) {
  console.error('Apache Kafka needs a JVM (17 or newer) and Maven on the PATH.');
  process.exit(1);
}
const kafka = await startApacheKafka();
const bin = await findSystemPostgres();
const postgres = bin === undefined ? undefined : await startSystemPostgres(bin);
console.log(`On Apache Kafka ${kafka.version} and ${postgres?.version ?? 'the embedded Postgres'}`);
try {
  process.exitCode = await runTests({
    MILLRACE_TEST_KAFKA: kafka.address,
    KAFKA_CONFORMANCE_BROKERS: kafka.address,
    ...(postgres ? { MILLRACE_TEST_DATABASE_URL: postgres.url } : {}),
  });
} finally {
  await Promise.all([kafka.stop(), postgres?.stop()]);
}
