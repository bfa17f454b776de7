import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { encodeBatch } from '../records/encode-batch.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { nodeFiles } from '../storage/files.js';
import { StorageRuntime } from '../storage/storage-runtime.js';
import { LogClosed } from '../storage/storage.errors.js';
import { openTopics } from './testing/open-topics.js';
import type { TopicRegistry, TopicRegistryOptions } from './topic-registry.js';
import type { Topic } from './topic.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'topic-registry-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (more: Partial<TopicRegistryOptions> = {}): Promise<TopicRegistry> =>
  openTopics(directory, more);

const batch = (): Buffer =>
  encodeBatch([{ key: null, value: Buffer.from('value'), timestamp: 1_000 }]);

describe('topics on disk', () => {
  it('leave nothing behind when they cannot be made, and can be made later', async () => {
    let room = false;
    const openFile: typeof nodeFiles.open = (path, create) => {
      if (!room && path.includes('/3/')) throw new Error('no space left on device');
      return nodeFiles.open(path, create);
    };
    const runtime = new StorageRuntime({ files: { ...nodeFiles, open: openFile } });
    const topics = await open({ runtime });
    await expect(topics.create('orders', 5)).rejects.toThrow('no space left');
    expect([topics.get('orders'), await readdir(directory)]).toEqual([undefined, []]);
    room = true;
    expect((await topics.create('orders', 5)).partitions).toHaveLength(5);
    await topics.close();
  });

  it('are gone, with their ids, once their record is, whatever else a crash left', async () => {
    const topics = await open();
    const { id } = await topics.create('orders', 2);
    await topics.get('orders')!.partitions[0]!.append(batch());
    await topics.close();
    await rm(join(directory, id, 'topic.json'));
    const halfMade = join(directory, 'f'.repeat(32));
    await mkdir(join(halfMade, '0'), { recursive: true });
    await writeFile(join(halfMade, 'topic.json.tmp'), '{"name":"orders"');
    const again = await open({ leaderEpoch: 1 });
    expect([again.all(), await readdir(directory)]).toEqual([[], []]);
    const made = await again.create('orders', 2);
    expect(made.id).not.toBe(id);
    expect(made.partitions[0]!.endOffset).toBe(0);
    await again.close();
  });

  it('have all partitions that were promised, though a crash came before they were made', async () => {
    const topics = await open();
    const topic = await topics.create('orders', 2);
    await topic.partitions[1]!.append(batch());
    await topics.close();
    const record = { ...topic.toRecord(), partitions: 4 };
    await writeFile(join(directory, topic.id, 'topic.json'), JSON.stringify(record));
    const again = await open({ leaderEpoch: 1 });
    expect(again.get('orders')!.partitions.map(({ endOffset }) => endOffset)).toEqual([0, 1, 0, 0]);
    await again.close();
  });

  it('leave no log open where one cannot be opened', async () => {
    const first = await open();
    const bad = await first.create('bad', 1);
    await first.create('good', 80);
    await first.close();
    // Who opens lists the directory, and who closes stores a checkpoint.
    const log = { opened: 0, closed: 0 };
    const files: typeof nodeFiles = {
      ...nodeFiles,
      list: (path) => {
        if (path.includes(bad.id)) throw new Error('EIO');
        log.opened++;
        return nodeFiles.list(path);
      },
      store: (path, bytes) => {
        if (path.endsWith('checkpoint')) log.closed++;
        nodeFiles.store(path, bytes);
      },
    };
    const runtime = new StorageRuntime({ files });
    await expect(open({ runtime, leaderEpoch: 1 })).rejects.toThrow('EIO');
    expect(log.opened).toBeGreaterThanOrEqual(80);
    expect(log.closed).toBe(80);
    const again = await open({ leaderEpoch: 2 });
    expect(again.get('good')!.partitions).toHaveLength(80);
    await again.close();
  });
});

describe('changes of a topic that wait for its deletion', () => {
  const changes = {
    configure: (topics: TopicRegistry, topic: Topic) =>
      topics.configure(topic, (current) => ({ ...current, 'retention.ms': '5' })),
    addPartitions: (topics: TopicRegistry, topic: Topic) => topics.addPartitions(topic, 90),
    delete: (topics: TopicRegistry, topic: Topic) => topics.delete(topic),
  };

  it.each(['configure', 'addPartitions', 'delete'] as const)(
    'are refused, and do not bring it back: %s',
    async (kind) => {
      const topics = await open();
      const old = await topics.create('orders', 1);
      const [deleted, fresh, changed] = await Promise.allSettled([
        topics.delete(old),
        topics.create('orders', 1),
        changes[kind](topics, old),
      ]);
      expect([deleted.status, fresh.status]).toEqual(['fulfilled', 'fulfilled']);
      expect(changed).toMatchObject({
        reason: { code: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION },
      });
      const { id, partitions } = topics.get('orders')!;
      await partitions[0]!.append(batch());
      // Its partitions do not count any more.
      await topics.create('others', 99);
      await topics.close();
      const again = await open({ leaderEpoch: 1 });
      expect(again.all()).toHaveLength(2);
      expect(again.get('orders')!.id).toBe(id);
      expect(again.get('orders')!.partitions[0]!.endOffset).toBe(1);
      await again.close();
    },
  );
});

describe('the deletion of a topic on a failing disk', () => {
  const fails = (): never => {
    throw new Error('EIO');
  };

  it('is told to who listens, though files stay behind', async () => {
    const files = { ...nodeFiles, removeDirectory: fails };
    const topics = await open({ runtime: new StorageRuntime({ files }) });
    const told: string[] = [];
    topics.onDeletion(({ name }) => void told.push(name));
    const topic = await topics.create('orders', 1);
    await expect(topics.delete(topic)).rejects.toThrow('EIO');
    expect([topics.get('orders'), told]).toEqual([undefined, ['orders']]);
    await topics.close();
    const again = await open({ leaderEpoch: 1 });
    expect([again.all(), await readdir(directory)]).toEqual([[], []]);
    await again.close();
  });

  it('is told to who listens only when a power cut cannot bring it back', async () => {
    const { syncPath } = nodeFiles;
    const topics = await open({ fsync: 'always' });
    const told: string[] = [];
    topics.onDeletion(({ name }) => void told.push(name));
    const topic = await topics.create('orders', 1);
    const waiting: (() => void)[] = [];
    try {
      nodeFiles.syncPath = (path) =>
        path === join(directory, topic.id)
          ? new Promise((resolve) => void waiting.push(resolve))
          : syncPath(path);
      const deleting = topics.delete(topic);
      while (waiting.length === 0) await setImmediate();
      expect(told).toEqual([]);
      waiting[0]!();
      await deleting;
    } finally {
      nodeFiles.syncPath = syncPath;
    }
    expect(told).toEqual(['orders']);
    await topics.close();
  });

  it('has it take no more records, which the next start would remove', async () => {
    const { syncPath } = nodeFiles;
    const topics = await open({ fsync: 'always' });
    const told: string[] = [];
    topics.onDeletion(({ name }) => void told.push(name));
    const topic = await topics.create('orders', 1);
    const log = topic.partitions[0]!;
    await log.append(batch());
    try {
      nodeFiles.syncPath = async (path) =>
        path === join(directory, topic.id) ? fails() : syncPath(path);
      await expect(topics.delete(topic)).rejects.toThrow('EIO');
    } finally {
      nodeFiles.syncPath = syncPath;
    }
    expect([topics.get('orders'), told]).toEqual([undefined, ['orders']]);
    await expect(log.append(batch())).rejects.toBeInstanceOf(LogClosed);
    // A power cut may bring back its record: what it was promised to have is there.
    expect(await readdir(join(directory, topic.id))).toEqual(['0']);
    await topics.close();
    const again = await open({ leaderEpoch: 1 });
    expect([again.all(), await readdir(directory)]).toEqual([[], []]);
    await again.close();
  });

  it('leaves no log open where new partitions do not reach the disk', async () => {
    const { syncPath } = nodeFiles;
    const handles = new Set<number>();
    const files: typeof nodeFiles = {
      ...nodeFiles,
      open: (path, create) => {
        const fd = nodeFiles.open(path, create);
        handles.add(fd);
        return fd;
      },
      close: (fd) => {
        handles.delete(fd);
        nodeFiles.close(fd);
      },
    };
    const topics = await open({ fsync: 'always', runtime: new StorageRuntime({ files }) });
    const topic = await topics.create('orders', 1);
    const before = [...handles];
    try {
      nodeFiles.syncPath = async (path) =>
        path === join(directory, topic.id) ? fails() : syncPath(path);
      await expect(topics.addPartitions(topic, 3)).rejects.toThrow('EIO');
    } finally {
      nodeFiles.syncPath = syncPath;
    }
    expect([...handles]).toEqual(before);
    expect((await readdir(join(directory, topic.id))).toSorted()).toEqual(['0', 'topic.json']);
    await topics.addPartitions(topic, 3);
    expect(topic.partitions).toHaveLength(3);
    await topics.close();
  });
});
