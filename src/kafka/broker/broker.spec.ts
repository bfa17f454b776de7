import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Broker } from './broker.js';
import { encodeBatch } from './records/encode-batch.js';
import { ErrorCode } from './protocol/error-codes.js';
import { DEFAULT_SETTINGS, type BrokerSettings } from './settings.js';
import { nodeFiles } from './storage/files.js';
import type { ProducerIdentity } from './transactions/transaction.js';

let dataDir: string;
let broker: Broker;
let failures: unknown[];
const open = async (more: Partial<BrokerSettings> = {}): Promise<void> => {
  const onFailure = (error: unknown): void => void failures.push(error);
  broker = await Broker.open({ ...DEFAULT_SETTINGS, dataDir, onFailure, ...more });
};
beforeEach(async () => {
  failures = [];
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

const PLACE = { topic: 'orders', partition: 0 };
const offsetNow = () => broker.groups.offsets.get('group', 'orders', 0)?.offset;
const statusNow = () => broker.transactions.get('shop')?.status;

/** The transaction is going to commit an offset of a group. */
async function addOffset(producer: ProducerIdentity) {
  const { id: topicId } = broker.topics.get('orders')!;
  const position = { ...PLACE, topicId };
  const offset = { ...position, offset: 5, leaderEpoch: -1, metadata: '', committedAt: 0 };
  await broker.transactions.addGroup('shop', producer, 'group');
  await broker.transactions.addOffsets('shop', producer, 'group', [offset], () =>
    broker.groups.expect('group', [offset]),
  );
}

/** A transaction that is going to commit an offset of a group. */
async function begun() {
  const producer = await initialise();
  const topic = await broker.topics.create('orders', 1);
  await addOffset(producer);
  return { topic, producer };
}

/** A batch of one record comes to the partition, as from a client. */
const send = (producer: ProducerIdentity, transactional: boolean) =>
  broker.topics.get('orders')!.partitions[0]!.append(
    encodeBatch([{ key: null, value: Buffer.from('one'), timestamp: 1 }], {
      ...producer,
      baseSequence: 0,
      transactional,
    }),
    { admit: (header) => broker.transactions.requireMayWrite(header, 'orders', 0) },
  );

describe('an offset that a transaction is going to commit', () => {
  it('keeps its group', async () => {
    await open();
    await begun();
    await broker.clean();
    expect(broker.groups.get('group')).toBeDefined();
  });

  it('goes with its topic', async () => {
    await open();
    const { topic } = await begun();
    expect(broker.transactions.hasPendingOffset('group', 'orders', 0)).toBe(true);
    await broker.topics.delete(topic);
    expect(broker.transactions.hasPendingOffset('group', 'orders', 0)).toBe(false);
  });

  it('goes with its group after a restart, which has nothing else of it', async () => {
    await open();
    const { producer } = await begun();
    await broker.close();
    await open();
    expect(broker.groups.find('group')?.state).toBe('Empty');
    expect(await broker.groups.delete('group')).toBe(ErrorCode.NONE);
    expect(broker.groups.find('group')).toBeUndefined();
    await broker.transactions.end('shop', producer, 'commit');
    expect(offsetNow()).toBeUndefined();
  });

  it.each<[string, () => Promise<unknown>]>([
    ['it', () => broker.groups.deleteOffsets('group', [PLACE])],
    ['its group', () => broker.groups.delete('group')],
  ])('is not there where %s is deleted while the transaction ends', async (_what, remove) => {
    await open({ fsync: 'always' });
    const { producer } = await begun();
    await Promise.all([remove(), broker.transactions.end('shop', producer, 'commit')]);
    expect([statusNow(), offsetNow()]).toEqual(['CompleteCommit', undefined]);
  });
});

describe('a batch outside of transactions', () => {
  it('cannot keep one from ending by an epoch that nobody was given', async () => {
    await open();
    const { producer } = await begun();
    await broker.transactions.addPartitions('shop', producer, [PLACE]);
    const { producerId, producerEpoch } = producer;
    const stray = send({ producerId, producerEpoch: producerEpoch + 5 }, false);
    await expect(stray).rejects.toMatchObject({ code: ErrorCode.INVALID_PRODUCER_EPOCH });
    await broker.transactions.end('shop', producer, 'commit');
    expect([statusNow(), offsetNow(), failures]).toEqual(['CompleteCommit', 5, []]);
  });

  it('is taken of a producer between its transactions, and of one that has none', async () => {
    await open();
    const { producer } = await begun();
    await send(producer, false);
    await send({ producerId: producer.producerId + 1, producerEpoch: 3 }, false);
    expect(broker.topics.get('orders')!.partitions[0]!.endOffset).toBe(2);
  });
});

describe('what transactions do is on the disk', () => {
  const real = { ...nodeFiles };
  const paths = new Map<number, string>();
  /** Below which folder files wait to be synced. */
  let held: string | undefined;
  let waiting: (() => void)[];
  /** Below which folder the disk takes no file. */
  let failing: string | undefined;
  /** Folders whose files were synced, in order. */
  let synced: string[];
  const isBelow = (fd: number, folder: string | undefined): boolean =>
    folder !== undefined && paths.get(fd)!.startsWith(join(dataDir, folder));
  const release = (): void => {
    held = undefined;
    for (const resolve of waiting.splice(0)) resolve();
  };

  beforeEach(() => {
    [held, waiting, failing, synced] = [undefined, [], undefined, []];
    nodeFiles.open = (path, create) => {
      const fd = real.open(path, create);
      paths.set(fd, path);
      return fd;
    };
    nodeFiles.sync = async (fd) => {
      if (isBelow(fd, failing)) throw new Error('input/output error');
      synced.push(relative(dataDir, paths.get(fd)!).split(sep)[0]!);
      if (isBelow(fd, held)) await new Promise<void>((resolve) => void waiting.push(resolve));
    };
  });
  afterEach(() => {
    failing = undefined;
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
    const first = await whileSyncing('transactions', initialise, statusNow);
    expect(first).toMatchObject({ isAnswered: false, state: undefined });
    const end = async () => broker.transactions.end('shop', first.answer, 'commit');
    for (const folder of ['transactions', 'topics', 'groups']) {
      await broker.transactions.addPartitions('shop', first.answer, [PLACE]);
      await addOffset(first.answer);
      const decided = { isAnswered: false, state: 'PrepareCommit' };
      expect(await whileSyncing(folder, end, statusNow)).toMatchObject(decided);
      expect(statusNow()).toBe('CompleteCommit');
    }
  });

  it('before what follows from it: a commit after its records, the end after all it tells', async () => {
    await open({ fsync: 'interval' });
    const { producer } = await begun();
    await broker.transactions.addPartitions('shop', producer, [PLACE]);
    await send(producer, true);
    synced = [];
    await broker.transactions.end('shop', producer, 'commit');
    expect(synced).toEqual(['topics', 'transactions', 'topics', 'groups', 'transactions']);
  });

  it('before a commit is decided: where the disk does not take its records, it is not', async () => {
    await open({ fsync: 'interval' });
    const { producer } = await begun();
    await broker.transactions.addPartitions('shop', producer, [PLACE]);
    await send(producer, true);
    failing = 'topics';
    const end = () => broker.transactions.end('shop', producer, 'commit');
    await expect(end()).rejects.toThrow('did not reach the disk');
    expect(statusNow()).toBe('Ongoing');
    failing = undefined;
    await end();
    expect([statusNow(), offsetNow()]).toEqual(['CompleteCommit', 5]);
  });

  it('once, also where only the sync of a marker fails', async () => {
    await open({ fsync: 'interval' });
    const { topic, producer } = await begun();
    await broker.transactions.addPartitions('shop', producer, [PLACE]);
    failing = 'topics';
    await broker.transactions.end('shop', producer, 'commit');
    for (let attempt = 0; attempt < 3; attempt += 1) await broker.transactions.endOverdue();
    expect([statusNow(), failures.length]).toEqual(['PrepareCommit', 4]);
    failing = undefined;
    await broker.transactions.endOverdue();
    expect([statusNow(), topic.partitions[0]!.endOffset]).toEqual(['CompleteCommit', 1]);
  });
});
