import { putTopic } from '../../src/kafka/contracts/catalog.contracts.js';
import { uniqueName, type Answer, type MillraceClient } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { ForeignProgram } from '../support/foreign-program.js';
import { checkDelivery } from './checker/check-delivery.js';
import type { Outage } from './support/broker-process.js';
import { Load } from './support/load.js';
import { ProvingGround } from './support/proving-ground.js';
import { LiveReader, readAll } from './support/read-all.js';

const outages: readonly Outage[] = ['refuses', 'is silent'];
/** What the log's delivery time-out leaves, and a slow machine's share. */
const PUBLISH_BOUND_MS = 10_000;
/** The database's statement time-out and what belongs to it. */
const WRITE_BOUND_MS = 15_000;

const moreThan = (count: number) => (now: number) => now > count;
const ok = ({ status }: Answer) => status < 300;

interface NotReady {
  readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
}

/** Load on a topic of its own, one event and a hundred a request, and a reader that follows. */
class Traffic {
  private constructor(
    private readonly ground: ProvingGround,
    readonly topic: string,
    private readonly afterwards: string,
    private readonly loads: readonly Load[],
    private readonly live: LiveReader,
  ) {}

  static async start(ground: ProvingGround): Promise<Traffic> {
    const { client, target } = ground;
    const topic = await client.createTopic({ partitions: 4 });
    const [live, afterwards] = [await client.createStream(topic), await client.createStream(topic)];
    const loads = [1, 100].map((batch) => new Load(target, { topic, keys: 4, batch }));
    const traffic = new Traffic(ground, topic, afterwards, loads, new LiveReader(target, live));
    await traffic.flows();
    return traffic;
  }

  /** Resolves when another thousand events were acknowledged and delivered. */
  async flows(): Promise<void> {
    const goals = this.loads.map((load) => [load, load.count] as const);
    for (const [load, count] of goals) await eventually(() => load.count, moreThan(count + 50));
    const { count } = this.live;
    await eventually(() => this.live.count, moreThan(count + 500));
  }

  /** Ends it, and finds what was promised and not kept. */
  async faults(): Promise<readonly string[]> {
    const acknowledged = (await Promise.all(this.loads.map((load) => load.stop()))).flat();
    await eventually(() => this.live.count, moreThan(acknowledged.length - 1), 60);
    const arrived = [await this.live.stop(), await readAll(this.ground.target, this.afterwards)];
    return arrived.flatMap((events) => checkDelivery(acknowledged, events).faults);
  }
}

const expectUnavailable = (answer: Answer, code: string): void => {
  expect(answer).toMatchObject({ status: 503, body: { status: 503, code } });
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
};

async function within<T>(boundMs: number, ask: Promise<T>): Promise<T> {
  const began = performance.now();
  const answer = await ask;
  expect(performance.now() - began).toBeLessThan(boundMs);
  return answer;
}

/** Names of the checks that fail. */
async function failing(client: MillraceClient): Promise<readonly string[]> {
  const { body } = await client.call<NotReady>('GET', '/readyz', { key: null });
  return body.checks.filter((check) => !check.ok).map(({ name }) => name);
}

const isReady = (names: readonly string[]) => names.length === 0;

describe('a Millrace that runs', () => {
  let ground: ProvingGround;
  let client: MillraceClient;
  let program: ForeignProgram;

  beforeAll(async () => {
    ground = await ProvingGround.start();
    client = ground.client;
    program = await ForeignProgram.start(client.installation);
  });
  afterAll(async () => {
    await program.stop();
    await ground.stop();
  });

  const publish = (topic: string, key?: string) =>
    client.call('POST', `/v1/topics/${topic}/events`, { json: { lone: true }, key });
  const createKey = (id = uniqueName('key')) =>
    client.call<{ key: string }>('POST', '/v1/keys', { json: { id, scopes: ['publish'] } });
  const createTopic = () => client.call('PUT', `/v1/topics/${uniqueName('topic')}`, { json: {} });
  const alive = async () => (await client.call('GET', '/livez', { key: null })).status;

  it.each(outages)(
    'refuses in time and loses nothing while Kafka %s, and goes on when it is back',
    async (how) => {
      const traffic = await Traffic.start(ground);
      const other = await client.createTopic();
      expect((await publish(other)).status).toBe(202);
      await ground.kafka.goAway(how);
      const [published, key, topic] = await Promise.all([
        within(PUBLISH_BOUND_MS, publish(other)),
        within(WRITE_BOUND_MS, createKey()),
        within(WRITE_BOUND_MS, createTopic()),
      ]);
      expectUnavailable(published, 'LOG.UNAVAILABLE');
      expectUnavailable(topic, 'LOG.UNAVAILABLE');
      expect(key.status).toBe(201);
      expect(await failing(client)).toContain('kafka');
      expect(await alive()).toBe(200);

      await ground.kafka.comeBack(how);
      await traffic.flows();
      await eventually(() => publish(other, key.body.key), ok);
      await eventually(createTopic, ok);
      const name = uniqueName('commanded');
      expect(await program.command(putTopic, { name, topic: {} })).toMatchObject({
        value: { name },
      });
      await eventually(() => failing(client), isReady);
      expect(await traffic.faults()).toEqual([]);
    },
    180_000,
  );

  it.each(outages)(
    'publishes and streams while Postgres %s, refuses what needs it, and goes on when it is back',
    async (how) => {
      const traffic = await Traffic.start(ground);
      const key = await client.createKey({ scopes: ['publish'] });
      const stream = await client.createStream(traffic.topic);
      const poll = () =>
        client.call<{ cursor: string }>('GET', `/v1/streams/${stream}/events?waitSeconds=10`, {
          headers: { accept: 'application/json' },
        });
      const { cursor } = (await poll()).body;
      const commit = () =>
        client.call('POST', `/v1/streams/${stream}/commit`, { json: { cursor } });
      const subscribe = () =>
        client.call('POST', '/v1/subscriptions', {
          json: { id: uniqueName('late'), topic: traffic.topic, kind: 'stream' },
        });

      await ground.postgres.goAway(how);
      await traffic.flows();
      expect((await publish(traffic.topic, key)).status).toBe(202);
      const writes = [createKey, createTopic, subscribe, commit];
      for (const answer of await within(
        WRITE_BOUND_MS,
        Promise.all(writes.map((write): Promise<Answer> => write() as Promise<Answer>)),
      )) {
        expectUnavailable(answer, 'DATABASE.UNAVAILABLE');
      }
      expect(await failing(client)).toContain('database.catalog');
      expect(await alive()).toBe(200);
      await traffic.flows();

      await ground.postgres.comeBack(how);
      const made = await eventually(createKey, ({ status }) => status === 201);
      // A write that Kafka confirms late is answered all the same: its key may be known a moment later.
      await eventually(
        () => publish(traffic.topic, made.body.key),
        ({ status }) => status === 202,
      );
      await eventually(commit, ok);
      await eventually(createTopic, ok);
      await eventually(subscribe, ok);
      expect(await poll()).toMatchObject({ status: 200 });
      await eventually(() => failing(client), isReady);
      expect(await traffic.faults()).toEqual([]);
    },
    180_000,
  );
});
