/**
 * Starts what the tests of several projects share: one Postgres and one Kafka, unless the
 * environment names others (MILLRACE_TEST_DATABASE_URL, MILLRACE_TEST_KAFKA). Every test makes
 * its own database and its own topic prefix on them.
 */
import { startTestKafka, startTestPostgres } from './servers.mjs';

export default async function globalSetup() {
  const started = [];
  globalThis.millraceTestServers = started;
  if (!process.env.MILLRACE_TEST_DATABASE_URL) {
    const postgres = await startTestPostgres();
    started.push(postgres);
    process.env.MILLRACE_TEST_DATABASE_URL = postgres.url;
  }
  if (!process.env.MILLRACE_TEST_KAFKA) {
    const kafka = await startTestKafka();
    started.push(kafka);
    process.env.MILLRACE_TEST_KAFKA = kafka.address;
  }
}
