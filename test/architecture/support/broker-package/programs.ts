import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const README = join(import.meta.dirname, '../../../../src/kafka/broker/README.md');

/** The block of code in the broker's README that has this in it. */
export function documentedCode(part: string): string {
  const blocks = readFileSync(README, 'utf8').matchAll(/(?:^ {4}.*\n|^\n(?= {4}))+/gm);
  const block = [...blocks].map(([text]) => text).find((text) => text.includes(part));
  if (block === undefined) throw new Error(`The README has no code with ${part}`);
  return block.replaceAll(/^ {4}/gm, '');
}

/** Loads the broker, and what it needs while it runs. */
export const START_AND_STOP = `
import { startBroker } from 'millrace/broker';
const broker = await startBroker();
await broker.stop();
`;

/** CommonJS. Two brokers at once; prints which topics each had, and whether its data is there. */
export const SIDE_BY_SIDE = `
const { existsSync } = require('node:fs');
const { Kafka, logLevel } = require('kafkajs');
const { startBroker } = require('millrace/broker');

async function topicsAfterCreating(broker, topic) {
  const kafka = new Kafka({ brokers: [broker.host + ':' + broker.port], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic }] });
  const topics = await admin.listTopics();
  await admin.disconnect();
  return topics;
}

async function factsOf(broker, topic) {
  const topics = await topicsAfterCreating(broker, topic);
  const wasOnDisk = existsSync(broker.dataDir);
  await broker.stop();
  return { topics, wasOnDisk, isOnDisk: existsSync(broker.dataDir) };
}

async function main() {
  const [left, right] = await Promise.all([startBroker(), startBroker()]);
  console.log(JSON.stringify([await factsOf(left, 'left'), await factsOf(right, 'right')]));
}
main();
`;

/** Logs in with a name and a password at a broker that knows the users of `users`; prints topics. */
export const LOG_IN = `
import { Kafka, logLevel } from 'kafkajs';
import { startBroker } from 'millrace/broker';
const [username, password] = process.argv.slice(2);
const broker = await startBroker({ sasl: { usersFile: 'users' } });
const admin = new Kafka({
  brokers: [broker.host + ':' + broker.port],
  sasl: { mechanism: 'scram-sha-512', username, password },
  logLevel: logLevel.NOTHING,
}).admin();
try {
  await admin.connect();
  console.log(JSON.stringify(await admin.listTopics()));
} finally {
  await admin.disconnect();
  await broker.stop();
}
`;

/** A test of Jest's that starts a broker itself. */
export const JEST_IMPORT = `
test('starts a broker', async () => {
  const { startBroker } = await import('millrace/broker');
  const broker = await startBroker();
  expect(broker.port).toBeGreaterThan(0);
  await broker.stop();
});
`;

/** What a user of TypeScript may write; to be compiled only. */
export const TYPED = `
import {
  DataDirectoryInUse,
  InvalidSetting,
  KafkaError,
  MalformedCredentials,
  UnusableCertificate,
  UnusableUsersFile,
  startBroker,
  type RunningBroker,
  type StartBrokerOptions,
} from 'millrace/broker';
import { Kafka } from 'kafkajs';

const options: StartBrokerOptions = {
  fsync: 'never',
  defaultPartitions: 3,
  topicDefaults: { 'retention.ms': '60000' },
  groups: { initialRebalanceDelayMs: 0 },
};
const broker: RunningBroker = await startBroker(options);
export const kafka = new Kafka({ brokers: [\`\${broker.host}:\${broker.port}\`] });
// @ts-expect-error There is no such option.
await startBroker({ partition: 3 });
try {
  await startBroker({ dataDir: broker.dataDir });
} catch (error) {
  if (error instanceof DataDirectoryInUse) console.log(error.directory, error.pid);
  if (error instanceof InvalidSetting) console.log(error.setting);
  if (error instanceof KafkaError) console.log(error.code, error.message);
  const refusals = [MalformedCredentials, UnusableCertificate, UnusableUsersFile];
  if (refusals.some((refusal) => error instanceof refusal)) console.log(String(error));
}
await broker.clean();
await broker.stop();
`;

/** The same from CommonJS, which resolves otherwise. */
export const TYPED_COMMON_JS = `
import { startBroker, type RunningBroker } from 'millrace/broker';
export const started: Promise<RunningBroker> = startBroker({ port: 0 });
`;

/** The same from CommonJS that may not require ES modules. */
export const TYPED_AWAITED = `
export async function portOfBroker(): Promise<number> {
  const { startBroker } = await import('millrace/broker');
  const broker = await startBroker({ port: 0 });
  return broker.port;
}
`;
