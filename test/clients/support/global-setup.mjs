/**
 * What the foreign clients need: the broker that they speak to (KAFKA_CONFORMANCE_BROKERS, else the
 * embedded one in a process of its own), the compiled remote control of the Java clients with
 * Kafka's jars, and librdkafka (MILLRACE_CLIENTS_LIBRDKAFKA, if somebody built it or failed to).
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { kafkaJars } from '../../kafka/apache-kafka.mjs';
import { librdkafka } from '../../kafka/librdkafka.mjs';
import { startTestKafka } from '../../support/servers.mjs';

const SOURCES = join(import.meta.dirname, '../java');

async function compiledJava(jars) {
  const classes = await mkdtemp(join(tmpdir(), 'millrace-clients-'));
  const sources = (await readdir(SOURCES)).map((name) => join(SOURCES, name));
  const args = ['-proc:none', '-cp', join(jars, '*'), '-d', classes, ...sources];
  await promisify(execFile)('javac', args);
  return classes;
}

export default async function globalSetup() {
  const toRelease = [];
  globalThis.millraceClients = toRelease;
  const jars = await kafkaJars();
  const classes = await compiledJava(jars);
  toRelease.push(() => rm(classes, { recursive: true, force: true }));
  process.env.MILLRACE_CLIENTS_CLASSPATH = [classes, join(jars, '*')].join(delimiter);
  process.env.MILLRACE_CLIENTS_LIBRDKAFKA ??= await librdkafka();
  let address = process.env.KAFKA_CONFORMANCE_BROKERS;
  if (!address) {
    const broker = await startTestKafka();
    toRelease.push(() => broker.stop());
    address = broker.address;
  }
  process.env.MILLRACE_CLIENTS_BROKER = address;
}
