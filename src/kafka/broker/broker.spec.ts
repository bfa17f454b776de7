import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Broker } from './broker.js';
import { DEFAULT_SETTINGS, type BrokerSettings } from './settings.js';
import { nodeFiles } from './storage/files.js';

let dataDir: string;
let broker: Broker;
const open = async (more: Partial<BrokerSettings> = {}): Promise<void> => {
  broker = await Broker.open({ ...DEFAULT_SETTINGS, dataDir, ...more });
};
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'broker-'));
});
afterEach(async () => {
  await broker.close();
  await rm(dataDir, { recursive: true, force: true });
});

const initialise = () =>
  broker.transactions.initialise({
    transactionalId: 'shop',
    timeoutMs: 60_000,
    producerId: -1,
    producerEpoch: -1,
  });

/** A transaction that is going to commit an offset of a group. */
async function begun() {
  const producer = await initialise();
  const topic = await broker.topics.create('orders', 1);
  const position = { topic: topic.name, topicId: topic.id, partition: 0 };
  const offset = { ...position, offset: 5, leaderEpoch: -1, metadata: '', committedAt: 0 };
  await broker.transactions.addGroup('shop', producer, 'group');
  await broker.transactions.addOffsets('shop', producer, 'group', [offset], () =>
    broker.groups.expect('group', [offset]),
  );
  return topic;
}

describe('an offset that a transaction is going to commit', () => {
  it('keeps its group', async () => {
    await open();
    await begun();
    await broker.clean();
    expect(broker.groups.get('group')).toBeDefined();
  });

  it('goes with its topic', async () => {
    await open();
    const topic = await begun();
    expect(broker.transactions.hasPendingOffset('group', 'orders', 0)).toBe(true);
    await broker.topics.delete(topic);
    expect(broker.transactions.hasPendingOffset('group', 'orders', 0)).toBe(false);
  });
});

describe('what transactions do is on the disk', () => {
  const real = { ...nodeFiles };
  const paths = new Map<number, string>();
  /** Below which folder files wait to be synced. */
  let held: string | undefined;
  let waiting: (() => void)[];
  const release = (): void => {
    held = undefined;
    for (const resolve of waiting.splice(0)) resolve();
  };

  beforeEach(() => {
    [held, waiting] = [undefined, []];
    nodeFiles.open = (path, create) => {
      const fd = real.open(path, create);
      paths.set(fd, path);
      return fd;
    };
    nodeFiles.sync = (fd) =>
      held !== undefined && paths.get(fd)!.startsWith(join(dataDir, held))
        ? new Promise((resolve) => void waiting.push(resolve))
        : Promise.resolve();
  });
  afterEach(() => {
    release();
    Object.assign(nodeFiles, real);
  });

  /** What there is to see while files of that folder are being synced, and the answer. */
  async function whileSyncing<T, S>(folder: string, ask: () => Promise<T>, see: () => S) {
    held = folder;
    let isAnswered = false;
    const answer = ask().finally(() => (isAnswered = true));
    while (waiting.length === 0) await setImmediate();
    const seen = { isAnswered, state: see() };
    release();
    return { ...seen, answer: await answer };
  }

  it.each(['interval', 'always'] as const)('before it is told: fsync %s', async (fsync) => {
    await open({ fsync });
    await broker.topics.create('orders', 1);
    const state = () => broker.transactions.get('shop')?.status;
    const first = await whileSyncing('transactions', initialise, state);
    expect(first).toMatchObject({ isAnswered: false, state: undefined });
    const place = { topic: 'orders', partition: 0 };
    const end = async () => broker.transactions.end('shop', first.answer, 'commit');
    for (const folder of ['transactions', 'topics']) {
      await broker.transactions.addPartitions('shop', first.answer, [place]);
      const decided = { isAnswered: false, state: 'PrepareCommit' };
      expect(await whileSyncing(folder, end, state)).toMatchObject(decided);
      expect(state()).toBe('CompleteCommit');
    }
  });
});
