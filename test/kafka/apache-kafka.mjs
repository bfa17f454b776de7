/**
 * A single-node Apache Kafka (KRaft, combined mode) from Maven artifacts, on loopback, for the
 * tests that must pass against the real one. Needs a JVM (17 or newer) and Maven; the jars are
 * kept in the user's cache folder. KAFKA_VERSION chooses the version.
 */
import { execFile, spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';

const run = promisify(execFile);
/** Of Apache Kafka. */
export const version = process.env.KAFKA_VERSION ?? '4.3.1';

/** Whether this machine has what Apache Kafka needs. */
export async function canRunApacheKafka() {
  const answers = await Promise.allSettled([run('java', ['-version']), run('mvn', ['-v'])]);
  return answers.every(({ status }) => status === 'fulfilled');
}

const dependency = (groupId, artifactId, ofVersion) =>
  `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${ofVersion}</version></dependency>`;

/** Folder with Kafka's jars; fetched once per version. */
export async function kafkaJars() {
  const cache = join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    'millrace-tests',
    `kafka-${version}`,
  );
  const libs = join(cache, 'libs');
  const complete = join(cache, 'complete');
  if (
    await access(complete).then(
      () => true,
      () => false,
    )
  )
    return libs;
  await mkdir(cache, { recursive: true });
  await writeFile(
    join(cache, 'pom.xml'),
    `<project><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>kafka-jars</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependency('org.apache.kafka', 'kafka_2.13', version)}${dependency('org.apache.kafka', 'kafka-tools', version)}${dependency('org.slf4j', 'slf4j-simple', '1.7.36')}</dependencies>
</project>`,
  );
  const goal = ['-B', '-q', 'dependency:copy-dependencies', '-DincludeScope=runtime'];
  await run('mvn', [...goal, `-DoutputDirectory=${libs}`], { cwd: cache });
  await writeFile(complete, version);
  return libs;
}

/** Two ports that were free a moment ago. */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise((resolve) => {
          server.listen(0, '127.0.0.1', () => resolve(server.address().port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

const properties = (directory, port, controller) => `process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${directory}/data
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=true
offsets.topic.replication.factor=1
offsets.topic.num.partitions=10
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
`;

const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** Waits until the port answers; rejects when the process ends first or after a minute. */
async function untilListening(child, port) {
  const deadline = Date.now() + 60_000;
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`Apache Kafka ended with ${child.exitCode}`);
    if (Date.now() > deadline) throw new Error('Apache Kafka did not listen within a minute');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/**
 * Waits until a group forms and an idempotent producer writes: on a fresh Kafka the first of them
 * make the coordinators' topics, and are refused meanwhile.
 */
async function untilServing(address) {
  const kafka = new Kafka({
    brokers: [address],
    logLevel: logLevel.NOTHING,
    retry: { retries: 20, maxRetryTime: 1_000 },
  });
  const topic = 'first-steps';
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  const consumer = kafka.consumer({ groupId: topic });
  await producer.connect();
  await producer.send({ topic, messages: [{ value: 'hello' }] });
  await producer.disconnect();
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise((resolve, reject) => {
    consumer.run({ eachMessage: async () => resolve() }).catch(reject);
  });
  await consumer.disconnect();
}

/** Starts a fresh Apache Kafka. */
export async function startApacheKafka() {
  const libs = await kafkaJars();
  const directory = await mkdtemp(join(tmpdir(), 'millrace-apache-kafka-'));
  const [port, controller] = await freePorts(2);
  const config = join(directory, 'server.properties');
  await writeFile(config, properties(directory, port, controller));
  const java = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', `${libs}/*`];
  const tool = [...java, 'kafka.tools.StorageTool'];
  const { stdout: id } = await run('java', [...tool, 'random-uuid']);
  await run('java', [...tool, 'format', '--standalone', '-t', id.trim(), '-c', config]);
  const heap = ['-Xms512m', '-Xmx1g', '-XX:+UseG1GC'];
  const since = performance.now();
  const child = spawn('java', [...heap, ...java, 'kafka.Kafka', config], { stdio: 'ignore' });
  await untilListening(child, port);
  const startMs = performance.now() - since;
  await untilServing(`127.0.0.1:${port}`);
  return {
    address: `127.0.0.1:${port}`,
    version,
    pid: child.pid,
    /** From its spawn until its port answered. */
    startMs,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
