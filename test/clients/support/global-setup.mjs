/**
 * What the foreign clients need: the broker that they speak to (KAFKA_CONFORMANCE_BROKERS, else the
 * embedded one in a process of its own), the compiled remote control of the Java clients with
 * Kafka's jars, and librdkafka (MILLRACE_CLIENTS_LIBRDKAFKA, if somebody built it or failed to).
 * Without a JDK or a C++ compiler the tests that need none of it run all the same.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { kafkaJars } from '../../kafka/apache-kafka.mjs';
import { librdkafka } from '../../kafka/librdkafka.mjs';
import { startTestKafka } from '../../support/servers.mjs';
import globalTeardown from './global-teardown.mjs';

const SOURCES = join(import.meta.dirname, '../java');

async function compileJava(jars, classes) {
  const sources = (await readdir(SOURCES)).map((name) => join(SOURCES, name));
  const args = ['-proc:none', '-cp', join(jars, '*'), '-d', classes, ...sources];
  await promisify(execFile)('javac', args);
}

/** The class path of the remote control. */
async function javaClients(toRelease) {
  const jars = await kafkaJars();
  const classes = await mkdtemp(join(tmpdir(), 'millrace-clients-'));
  toRelease.push(() => rm(classes, { recursive: true, force: true }));
  await compileJava(jars, classes);
  return [classes, join(jars, '*')].join(delimiter);
}

/** Hands on what `make` gives; where it fails the reason, to the tests that need it and no others. */
async function handOn(name, make) {
  try {
    process.env[name] = await make();
  } catch (error) {
    process.env[name] = '';
    process.env[`${name}_MISSING`] = `This cannot be made here: ${error.message}`;
  }
}

async function brokerAddress(toRelease) {
  const address = process.env.KAFKA_CONFORMANCE_BROKERS;
  if (address) return address;
  const broker = await startTestKafka();
  toRelease.push(() => broker.stop());
  return broker.address;
}

export default async function globalSetup() {
  const toRelease = [];
  globalThis.millraceClients = toRelease;
  await handOn('MILLRACE_CLIENTS_CLASSPATH', () => javaClients(toRelease));
  if (process.env.MILLRACE_CLIENTS_LIBRDKAFKA === undefined) {
    await handOn('MILLRACE_CLIENTS_LIBRDKAFKA', librdkafka);
  }
  try {
    process.env.MILLRACE_CLIENTS_BROKER = await brokerAddress(toRelease);
  } catch (error) {
    // Jest does not tear down what could not be set up.
    await globalTeardown();
    throw error;
  }
}
