import { Kafka, logLevel } from 'kafkajs';
import {
  batchOf,
  PRODUCE,
  produce,
  produceBody,
  readAll,
  type ProduceAnswer,
} from './support/batches.js';
import { isForeign } from './support/broker-under-test.js';
import type { BrokerProcess } from './support/broker-process.js';
import { commit, committed } from './support/groups.js';
import { KilledBroker } from './support/killed-broker.js';
import { RawClient } from './support/raw-client.js';
import { createTopic, metadataOf } from './support/topics.js';

// What is killed here is the embedded broker; there is nothing to do against another one.
const embedded = isForeign ? describe.skip : describe;

const killed = new KilledBroker();
const start = (...more: string[]): Promise<BrokerProcess> => killed.start(...more);

async function withClient<T>(use: (client: RawClient) => Promise<T>): Promise<T> {
  const client = await RawClient.open({ host: '127.0.0.1', port: killed.running.port });
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

interface ProduceResponse {
  readonly responses: ReadonlyArray<{ readonly partitionResponses: readonly ProduceAnswer[] }>;
}

const PRODUCER = { producerId: 5, producerEpoch: 0 };
const IN_FLIGHT = 5;
const KILL_AFTER = 300;

/**
 * Writes batches of 20 as an idempotent producer with five requests in flight, and kills the broker
 * in the midst of it. Returns the values that were acknowledged.
 */
async function writeUntilKilled(broker: BrokerProcess, topic: string): Promise<readonly string[]> {
  const client = await RawClient.open({ host: '127.0.0.1', port: broker.port });
  const sent: (readonly string[])[] = [];
  const acknowledged: string[] = [];
  const send = (): void => {
    const baseSequence = sent.length * 20;
    const values = Array.from({ length: 20 }, (_, i) => `value ${baseSequence + i}`);
    client.send(PRODUCE, 7, produceBody(topic, batchOf(values, { ...PRODUCER, baseSequence })));
    sent.push(values);
  };
  for (let i = 0; i < IN_FLIGHT; i++) send();
  for (let answered = 0; ; answered++) {
    const answer = await client.receive<ProduceResponse>(PRODUCE, 7).catch(() => undefined);
    if (!answer) return acknowledged;
    const [partition] = answer.responses[0]!.partitionResponses;
    if (partition!.errorCode !== 0) throw new Error(`error code ${partition!.errorCode}`);
    acknowledged.push(...sent[answered]!);
    if (answered === KILL_AFTER) broker.child.kill('SIGKILL');
    send();
  }
}

const epochOf = async (topic: string): Promise<number> =>
  withClient(async (client) => (await metadataOf(client, topic)).partitions[0]!.leaderEpoch);

embedded('a broker that is killed with -9', () => {
  it.each(['never', 'always'])(
    'has every acknowledged record, once and in order (fsync %s)',
    async (fsync) => {
      const first = await start('--fsync', fsync);
      const topic = await withClient((client) => createTopic(client));
      const acknowledged = await writeUntilKilled(first, topic);
      await start('--fsync', fsync);
      const values = await withClient((client) => readAll(client, topic));
      expect(acknowledged.length).toBeGreaterThan(KILL_AFTER * 20);
      expect(values.slice(0, acknowledged.length)).toEqual(acknowledged);
      expect(new Set(values).size).toBe(values.length);
    },
  );

  it('takes a repeated batch of an idempotent producer for what it is', async () => {
    await start('--fsync', 'never');
    const batch = (value: string, baseSequence: number): Buffer =>
      batchOf([value], { producerId: 5, producerEpoch: 0, baseSequence });
    const topic = await withClient(async (client) => {
      const name = await createTopic(client);
      await produce(client, name, batch('a', 0));
      await produce(client, name, batch('b', 1));
      return name;
    });
    await killed.running.kill();
    await start('--fsync', 'never');
    await withClient(async (client) => {
      expect(await produce(client, topic, batch('b', 1))).toMatchObject({ baseOffset: 1 });
      expect(await produce(client, topic, batch('c', 2))).toMatchObject({ baseOffset: 2 });
      expect(await readAll(client, topic)).toEqual(['a', 'b', 'c']);
    });
  });

  it('keeps committed offsets, configurations and topic ids, and raises the leader epoch', async () => {
    const first = await start('--fsync', 'never');
    const topic = await withClient((client) =>
      createTopic(client, { partitions: 3, configs: { 'retention.ms': '7654321' } }),
    );
    const { topicId } = await withClient((client) => metadataOf(client, topic));
    const epoch = await epochOf(topic);
    expect(await withClient((client) => commit(client, 'g', topic, 11))).toBe(0);
    await first.kill();
    const second = await start('--fsync', 'never');
    const kafka = new Kafka({ brokers: [second.address], logLevel: logLevel.NOTHING });
    const after = kafka.admin();
    await after.connect();
    const { resources } = await after.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: topic, configNames: ['retention.ms'] }],
    });
    await after.disconnect();
    expect(await withClient((client) => committed(client, 'g', topic))).toBe(11);
    expect(resources[0]!.configEntries[0]!.configValue).toBe('7654321');
    const again = await withClient((client) => metadataOf(client, topic));
    expect(again.topicId).toBe(topicId);
    expect(again.partitions).toHaveLength(3);
    expect(await epochOf(topic)).toBe(epoch + 1);
  });
});

embedded('a group whose broker is killed with -9', () => {
  const JOIN_GROUP = 11;
  const HEARTBEAT = 12;
  const SYNC_GROUP = 14;

  it('goes on in its generation when the broker is back', async () => {
    await start('--fsync', 'never');
    const member = { groupId: 'g', groupInstanceId: null };
    const joined = await withClient(async (client) => {
      const answer = await client.request<{ memberId: string; generationId: number }>(
        JOIN_GROUP,
        3,
        {
          ...member,
          sessionTimeoutMs: 60_000,
          rebalanceTimeoutMs: 60_000,
          memberId: '',
          protocolType: 'consumer',
          protocols: [{ name: 'range', metadata: Buffer.from('m') }],
        },
      );
      await client.request(SYNC_GROUP, 3, { ...member, ...answer, assignments: [] });
      return answer;
    });
    await killed.running.kill();
    await start('--fsync', 'never');
    const { memberId, generationId } = joined;
    const alive = await withClient((client) =>
      client.request(HEARTBEAT, 3, { ...member, memberId, generationId }),
    );
    expect(alive).toMatchObject({ errorCode: 0 });
  });
});

embedded('a broker process', () => {
  it('refuses a data directory that is in use', async () => {
    await start();
    await expect(start()).rejects.toThrow(/is in use by process \d+/);
  });

  it('lets go of its directory on SIGTERM, and ends with 0', async () => {
    const first = await start();
    expect(await first.terminate()).toBe(0);
    await start();
    expect(killed.running.port).toBeGreaterThan(0);
  });

  it('ends when the parent that it is tied to lets go of it', async () => {
    const { child } = await start();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.disconnect();
    expect(await ended).toBe(0);
  });
});
