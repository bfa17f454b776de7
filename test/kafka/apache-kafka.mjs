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

/** Whether it also has what the Java clients of the tests are compiled with: a JRE has not. */
export const canCompileJava = () =>
  run('javac', ['-version']).then(
    () => true,
    () => false,
  );

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

/** Ports that were free a moment ago. */
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

/** Who may log in at the SASL listener, with each of its mechanisms. */
export const saslUser = { name: 'alice', password: 'alice-secret' };
const SCRAM = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];

const properties = ({ directory, port, sasl, controller }) => `process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${port},SASL_PLAINTEXT://127.0.0.1:${sasl},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${port},SASL_PLAINTEXT://127.0.0.1:${sasl}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=PLAIN,${SCRAM.join()}
${loginModules()}
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

const loginModules = () => {
  const listener = 'listener.name.sasl_plaintext';
  const security = 'org.apache.kafka.common.security';
  const { name, password } = saslUser;
  const plain = `${listener}.plain.sasl.jaas.config=${security}.plain.PlainLoginModule required user_${name}="${password}";`;
  const scram = SCRAM.map(
    (mechanism) =>
      `${listener}.${mechanism.toLowerCase()}.sasl.jaas.config=${security}.scram.ScramLoginModule required;`,
  );
  return [plain, ...scram].join('\n');
};

/** Arguments of StorageTool that make the user known to the SCRAM mechanisms. */
const scramUser = SCRAM.flatMap((mechanism) => [
  '--add-scram',
  `${mechanism}=[name=${saslUser.name},password=${saslUser.password}]`,
]);

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

/** Arguments of a JVM that runs Kafka on a fresh directory, which it makes ready. */
async function prepare(directory, ports) {
  const libs = await kafkaJars();
  const config = join(directory, 'server.properties');
  await writeFile(config, properties({ directory, ...ports }));
  const java = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', `${libs}/*`];
  const tool = [...java, 'kafka.tools.StorageTool'];
  const { stdout: id } = await run('java', [...tool, 'random-uuid']);
  const format = [...tool, 'format', '--standalone', '-t', id.trim(), '-c', config];
  await run('java', [...format, ...scramUser]);
  return [...java, 'kafka.Kafka', config];
}

/**
 * Starts a fresh Apache Kafka. Leaves nothing behind where that fails.
 * @param heap options of its JVM; small by default, as nothing is measured
 */
export async function startApacheKafka(heap = ['-Xms512m', '-Xmx1g']) {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-apache-kafka-'));
  let end = async () => {};
  const stop = async () => {
    await end();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const [port, sasl, controller] = await freePorts(3);
    const kafka = await prepare(directory, { port, sasl, controller });
    const since = performance.now();
    const child = spawn('java', [...heap, '-XX:+UseG1GC', ...kafka], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    end = () => {
      child.kill('SIGTERM');
      return ended;
    };
    await untilListening(child, port);
    const startMs = performance.now() - since;
    await untilServing(`127.0.0.1:${port}`);
    return {
      address: `127.0.0.1:${port}`,
      /** Of its SASL_PLAINTEXT listener. */
      saslAddress: `127.0.0.1:${sasl}`,
      version,
      pid: child.pid,
      /** From its spawn until its port answered. */
      startMs,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
