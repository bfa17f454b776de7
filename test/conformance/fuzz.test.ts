import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVED_APIS } from '../../src/kafka/broker/apis/index.js';
import { batchOf, produce, readAll } from './support/batches.js';
import { startBrokerProcess, type BrokerProcess } from './support/broker-process.js';
import { isForeign } from './support/broker-under-test.js';
import { randomNumbers } from '../support/random-numbers.js';
import { mutated, sensibleRequest } from './support/fuzzing.js';
import { encodeRequest, RawClient } from './support/raw-client.js';
import { createTopic } from './support/topics.js';

// A broker that others use is not the place for this.
const embedded = isForeign ? describe.skip : describe;

/** Set KAFKA_FUZZ_SEED to look elsewhere; each test tells its seed. */
const SEED = Number(process.env['KAFKA_FUZZ_SEED'] ?? 1);
const FRAMES_PER_VERSION = 12;

let directory: string;
let broker: BrokerProcess;
let exitCode: number | null | undefined;
let bystander: RawClient;
let topic: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'broker-fuzz-'));
  broker = await startBrokerProcess(directory, ['--fsync', 'never']);
  broker.child.once('exit', (code) => (exitCode = code));
  bystander = await RawClient.open({ host: '127.0.0.1', port: broker.port });
  topic = await createTopic(bystander);
}, 120_000);
afterAll(async () => {
  bystander.close();
  await broker.kill();
  await rm(directory, { recursive: true, force: true });
});

/** Sends the bytes and no more; resolves when the broker has let go of the connection. */
async function sendAndHangUp(bytes: Buffer): Promise<void> {
  const client = await RawClient.open({ host: '127.0.0.1', port: broker.port });
  client.socket.end(bytes);
  await client.closed;
}

embedded('requests of random bytes', () => {
  it.each(SERVED_APIS.map((api, index) => ({ api, name: api.name, seed: SEED * 1000 + index })))(
    'harm nobody else: $name (seed $seed)',
    async ({ api, seed }) => {
      const random = randomNumbers(seed);
      const value = `before ${api.name}`;
      await produce(bystander, topic, batchOf([value]));
      const names = ['fuzz', 'fuzz-2', 'range', 'consumer', ''];
      const material = { names, records: batchOf(['a', 'b']) };
      for (let { from: version } = api.versions; version <= api.versions.to; version++) {
        const frames = Array.from({ length: FRAMES_PER_VERSION }, (_, id) => {
          const body = sensibleRequest(api.request, material, random);
          return mutated(encodeRequest(api.key, version, id, body), random);
        });
        await Promise.all(frames.map(sendAndHangUp));
      }
      expect(exitCode).toBeUndefined();
      expect((await produce(bystander, topic, batchOf(['after']))).errorCode).toBe(0);
      expect((await readAll(bystander, topic)).slice(-2)).toEqual([value, 'after']);
    },
  );
});
