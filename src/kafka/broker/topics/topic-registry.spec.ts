import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBatch } from '../records/encode-batch.js';
import { nodeFiles } from '../storage/files.js';
import { StorageRuntime } from '../storage/storage-runtime.js';
import { TopicRegistry, type TopicRegistryOptions } from './topic-registry.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'topic-registry-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (more: Partial<TopicRegistryOptions> = {}): Promise<TopicRegistry> =>
  TopicRegistry.open({
    directory,
    leaderEpoch: 0,
    fsync: 'never',
    runtime: new StorageRuntime(),
    defaults: {},
    maxPartitions: 100,
    ...more,
  });

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
    await mkdir(join(directory, 'half-made', '0'), { recursive: true });
    await writeFile(join(directory, 'half-made', 'topic.json.tmp'), '{"name":"orders"');
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
});
