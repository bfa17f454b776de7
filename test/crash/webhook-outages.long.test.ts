import { eventually } from '../support/eventually.js';
import { Audience, characters } from './support/audience.js';
import type { Outage } from './support/broker-process.js';
import { Load, type LoadPlan } from './support/load.js';
import { ProvingGround } from './support/proving-ground.js';
import type { Witness } from './support/witness.js';

const { ordered, unordered, failing, hanging, slow } = characters;
const outages: readonly Outage[] = ['refuses', 'is silent'];
const KEYS = 8;
/** Half the session time-out of the group, and a slow machine's share. */
const STOPS_WITHIN_MS = 6_500;
/** Longer than the session time-out: the partitions are lost, and taken again. */
const KAFKA_AWAY_MS = 12_000;
const RECEIVERS_AWAY_MS = 4_000;
/** Bytes that are read of a partition beyond what is written down. */
const WINDOW_BYTES = 16 * 1024 * 1024;
const LARGE = 100_000;

const moreThan = (count: number) => (now: number) => now > count;

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Resolves when nothing has come for so long. */
async function quiet(witness: Witness, forMs: number): Promise<void> {
  await eventually(
    () => performance.now() - (witness.attempts.at(-1)?.came.ms ?? 0),
    (since) => since > forMs,
  );
}

describe('webhooks of a Millrace that runs', () => {
  let ground: ProvingGround;
  let audience: Audience;

  beforeAll(async () => {
    ground = await ProvingGround.start();
  });
  afterEach(() => audience.leave());
  afterAll(() => ground.stop());

  const invite = async (
    topic: string,
    ...invited: Parameters<typeof Audience.invite>[2][number][]
  ) => {
    audience = await Audience.invite(ground.target, topic, invited);
  };
  const publish = (topic: string, plan: Partial<LoadPlan> = {}) =>
    new Load(ground.target, { topic, keys: KEYS, pauseMs: 50, ...plan });
  /** Resolves when more were acknowledged, and delivered to one that takes everything. */
  const flows = async (load: Load) => {
    await eventually(() => load.count, moreThan(load.count + 100), 60);
    const witness = audience.witness(ordered);
    await eventually(() => witness.taken, moreThan(witness.taken + 100), 60);
  };

  it.each(outages)(
    'are delivered while Postgres %s',
    async (how) => {
      const topic = await ground.client.createTopic({ partitions: 4 });
      await invite(topic, ordered, unordered, failing, hanging);
      const load = publish(topic);
      await flows(load);
      await ground.postgres.goAway(how);
      await flows(load);
      await flows(load);
      await ground.postgres.comeBack(how);
      await flows(load);
      const acknowledged = await load.stop();
      await audience.drain();
      expect((await audience.judge(acknowledged, [])).faults).toEqual([]);
    },
    120_000,
  );

  it('wait when all that may be read without Postgres is read, and go on when it is back', async () => {
    const topic = await ground.client.createTopic({ partitions: 1 });
    await invite(topic, ordered);
    const witness = audience.witness(ordered);
    const load = publish(topic, { pauseMs: 0, bytes: LARGE });
    await eventually(() => witness.taken, moreThan(10));
    await ground.postgres.goAway('refuses');
    const before = witness.taken;
    const window = WINDOW_BYTES / LARGE;
    await eventually(() => load.count, moreThan(load.count + 2 * window), 60);
    const acknowledged = await load.stop();
    await eventually(() => witness.taken, moreThan(before + 0.9 * window));
    await quiet(witness, 2_000);
    expect(witness.taken).toBeLessThan(acknowledged.length);
    await ground.postgres.comeBack('refuses');
    await audience.drain();
    expect((await audience.judge(acknowledged, [])).faults).toEqual([]);
  }, 120_000);

  it.each(outages)(
    'stop in time while Kafka %s, and go on when it is back',
    async (how) => {
      const topic = await ground.client.createTopic({ partitions: 4 });
      await invite(topic, ordered, failing, slow);
      const load = publish(topic);
      await flows(load);
      const from = performance.now();
      await ground.kafka.goAway(how);
      await pause(KAFKA_AWAY_MS);
      const [last] = audience.witness(slow).attempts.slice(-1);
      expect(last!.came.ms - from).toBeLessThan(STOPS_WITHIN_MS);
      expect(audience.witness(slow).taken).toBeLessThan(load.count);
      await ground.kafka.comeBack(how);
      const to = performance.now();
      await flows(load);
      const acknowledged = await load.stop();
      await audience.drain();
      expect((await audience.judge(acknowledged, [{ from, to }])).faults).toEqual([]);
    },
    120_000,
  );

  it('wait for receivers that are away, without a dead letter', async () => {
    const topic = await ground.client.createTopic({ partitions: 4 });
    await invite(topic, ordered, unordered, failing);
    const load = publish(topic);
    await flows(load);
    const from = performance.now();
    const away = [audience.witness(unordered), audience.witness(failing)];
    await Promise.all(away.map((witness) => witness.goAway()));
    await pause(RECEIVERS_AWAY_MS);
    await flows(load);
    await Promise.all(away.map((witness) => witness.comeBack()));
    await flows(load);
    const acknowledged = await load.stop();
    await audience.drain();
    expect((await audience.judge(acknowledged, [{ from, to: from }])).faults).toEqual([]);
    expect(await audience.deadLetters()).toBe(0);
  }, 120_000);
});
