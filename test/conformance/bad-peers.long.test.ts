import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchOf, fetchOne, PRODUCE, produce, produceBody } from './support/batches.js';
import { startBrokerProcess, type BrokerProcess } from './support/broker-process.js';
import { brokerUnderTest, isForeign, type BrokerUnderTest } from './support/broker-under-test.js';
import { GROUP_KEY, joinBody } from './support/groups.js';
import { encodeRequest, RawClient } from './support/raw-client.js';
import { createTopic } from './support/topics.js';
import { INIT_PRODUCER_ID } from './support/transactional-producer.js';

// Its memory is measured, and it is to have nothing else to do.
const embedded = isForeign ? describe.skip : describe;

const MILLION = 1_000_000;
const CONNECTIONS = 10_000;
/** Requests that are under way at a time. */
const WINDOW = 500;
const METADATA = 3;

let directory: string;
let broker: BrokerProcess;
let bystander: RawClient;
let topic: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bad-peers-'));
  broker = await startBrokerProcess(directory, ['--fsync', 'never']);
  bystander = await open();
  topic = await createTopic(bystander);
}, 120_000);
afterEach(async () => {
  bystander.close();
  await broker.kill();
  await rm(directory, { recursive: true, force: true });
});

const open = (): Promise<RawClient> => RawClient.open({ host: '127.0.0.1', port: broker.port });

/** Resident memory of the broker in MiB; 0 where the system does not tell (proc(5)). */
async function memory(): Promise<number> {
  const status = await readFile(`/proc/${broker.child.pid}/status`, 'utf8').catch(() => '');
  const kibibytes = /VmRSS:\s+(\d+)/.exec(status)?.[1];
  return Number(kibibytes ?? 0) / 1024;
}

/** Sends requests, so many at a time, and waits for every answer. */
async function sendMany(
  key: number,
  version: number,
  count: number,
  bodyOf: (index: number) => Record<string, unknown>,
): Promise<void> {
  const client = await open();
  for (let sent = 0, answered = 0; answered < count; answered++) {
    for (; sent < count && sent - answered < WINDOW; sent++) {
      client.socket.write(encodeRequest(key, version, sent, bodyOf(sent)));
    }
    await client.nextFrame();
  }
  client.close();
}

/** What another client reads that has just written it. */
async function served(): Promise<readonly string[]> {
  const { baseOffset: offset } = await produce(bystander, topic, batchOf(['still here']));
  return (await fetchOne(bystander, topic, { offset })).values;
}

const membership = { generationIdOrMemberEpoch: -1, memberId: '', groupInstanceId: null };

embedded('a million different ids', () => {
  it.each([
    ['groups that somebody joins', GROUP_KEY.JOIN_GROUP, 5, (i: number) => joinBody(`group-${i}`)],
    ['members of one group', GROUP_KEY.JOIN_GROUP, 5, () => joinBody('group')],
    [
      'members of many groups',
      GROUP_KEY.JOIN_GROUP,
      5,
      (i: number) => joinBody(`group-${i % 5_000}`),
    ],
    [
      'groups that somebody commits for',
      GROUP_KEY.OFFSET_COMMIT,
      7,
      (i: number) => ({
        groupId: `group-${i}`,
        ...membership,
        topics: [
          {
            name: topic,
            partitions: [
              { partitionIndex: 0, committedOffset: 1, committedMetadata: 'm'.repeat(1_000) },
            ],
          },
        ],
      }),
    ],
    [
      'groups that are looked for',
      GROUP_KEY.FIND_COORDINATOR,
      3,
      (i: number) => ({ key: `group-${i}`, keyType: 0 }),
    ],
    [
      'groups that beat their hearts',
      GROUP_KEY.HEARTBEAT,
      3,
      (i: number) => ({ groupId: `group-${i}`, generationId: 1, memberId: 'm' }),
    ],
    [
      'producers without a transactional id',
      INIT_PRODUCER_ID,
      4,
      () => ({
        transactionalId: null,
        transactionTimeoutMs: 1,
        producerId: -1,
        producerEpoch: -1,
      }),
    ],
    [
      'transactional ids',
      INIT_PRODUCER_ID,
      4,
      (i: number) => ({
        transactionalId: `id-${i}`,
        transactionTimeoutMs: 60_000,
        producerId: -1,
        producerEpoch: -1,
      }),
    ],
    [
      'producers that write',
      PRODUCE,
      7,
      (producerId: number) =>
        produceBody(topic, batchOf(['v'], { producerId, producerEpoch: 0, baseSequence: 0 })),
    ],
  ] as const)(
    'take bounded memory: %s',
    async (_, key, version, bodyOf) => {
      await sendMany(key, version, MILLION, bodyOf);
      expect(await memory()).toBeLessThan(600);
      expect(await served()).toEqual(['still here']);
    },
    300_000,
  );

  it('take bounded memory: topics that are to be made', async () => {
    const AT_ONCE = 1_000;
    await sendMany(METADATA, 7, MILLION / AT_ONCE, (request) => ({
      topics: Array.from({ length: AT_ONCE }, (_, i) => ({ name: `made-${request}-${i}` })),
      allowAutoTopicCreation: true,
    }));
    expect(await memory()).toBeLessThan(800);
    expect(await served()).toEqual(['still here']);
  }, 300_000);
});

/** The crowd of peers, once all of them are connected. */
async function crowd(port: number): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'support/open-connections.mjs');
  const child = fork(script, [String(port), String(CONNECTIONS)]);
  await once(child, 'message');
  return child;
}

embedded('ten thousand idle connections', () => {
  let impatient: BrokerUnderTest | undefined;
  afterEach(() => impatient?.stop());

  it('take little memory, and go with their process', async () => {
    const before = await memory();
    const child = await crowd(broker.port);
    expect(await memory()).toBeLessThan(before + 200);
    expect(await served()).toEqual(['still here']);
    child.kill('SIGSTOP');
    expect(await served()).toEqual(['still here']);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await served()).toEqual(['still here']);
  }, 120_000);

  it('are let go when their time is over', async () => {
    impatient = await brokerUnderTest({ idleMs: 2_000 });
    const child = await crowd(impatient.port);
    const [message] = (await once(child, 'message')) as [{ closed: number }];
    expect(message.closed).toBe(CONNECTIONS);
    child.disconnect();
    await once(child, 'exit');
  }, 120_000);
});
