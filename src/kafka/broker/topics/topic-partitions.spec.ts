import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFiles } from '../storage/files.js';
import { batchOf, runtimeWith, temporaryDirectory } from '../storage/testing/log-fixture.js';
import { LogClosed } from '../storage/storage.errors.js';
import { openTopics } from './testing/open-topics.js';

const fails = (): never => {
  throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
};

const { storeDurably } = nodeFiles;
afterEach(() => {
  Object.assign(nodeFiles, { storeDurably });
});

/** As where the directory's fsync fails, after the file has come into its place. */
function failAfterStoring(): void {
  nodeFiles.storeDurably = async (path, bytes) => {
    await storeDurably(path, bytes);
    fails();
  };
}

describe('partitions on a failing disk', () => {
  it('of a topic that could neither be made nor removed are not in the way of another of its name', async () => {
    const directory = temporaryDirectory();
    let isBad = true;
    const runtime = runtimeWith({
      removeDirectory: (path) => (isBad ? fails() : nodeFiles.removeDirectory(path)),
    });
    const topics = await openTopics(directory, { fsync: 'always', runtime });
    failAfterStoring();
    await expect(topics.create('orders', 2)).rejects.toThrow('EIO');
    isBad = false;
    Object.assign(nodeFiles, { storeDurably });
    const { id, partitions } = await topics.create('orders', 1);
    await partitions[0]!.append(batchOf(['a']));
    await topics.close();
    const again = await openTopics(directory, { leaderEpoch: 1 });
    expect(again.all().map((topic) => topic.id)).toEqual([id]);
    expect(again.get('orders')!.partitions[0]!.endOffset).toBe(1);
    expect(await readdir(directory)).toEqual([id]);
    await again.close();
  });

  it('of a deleted topic take no more records, also where one of them stays', async () => {
    const runtime = runtimeWith({
      removeDirectory: (path) => (path.endsWith('/0') ? fails() : nodeFiles.removeDirectory(path)),
    });
    const directory = temporaryDirectory();
    const topics = await openTopics(directory, { runtime });
    const topic = await topics.create('orders', 3);
    // Clients are told by its kind what went wrong.
    await expect(topics.delete(topic)).rejects.toMatchObject({ code: 'EIO' });
    for (const log of topic.partitions) {
      await expect(log.append(batchOf(['late']))).rejects.toBeInstanceOf(LogClosed);
    }
    expect(await readdir(join(directory, topic.id))).toEqual(['0']);
    await topics.close();
  });

  it('that are more than could be kept, and stay, do not hide why', async () => {
    let isBad = false;
    const runtime = runtimeWith({
      removeDirectory: (path) => {
        if (isBad) throw new Error('EBUSY');
        nodeFiles.removeDirectory(path);
      },
    });
    const directory = temporaryDirectory();
    const topics = await openTopics(directory, { fsync: 'always', runtime });
    const topic = await topics.create('orders', 1);
    isBad = true;
    failAfterStoring();
    await expect(topics.addPartitions(topic, 3)).rejects.toMatchObject({ code: 'EIO' });
    expect((await readdir(join(directory, topic.id))).toSorted()).toEqual(['0', 'topic.json']);
    Object.assign(nodeFiles, { storeDurably });
    await topics.close();
  });

  it.each(['', '/2'])(
    'that are more than could be kept are closed, also where the directory %j stays',
    async (staying) => {
      const open = new Set<number>();
      let isBad = false;
      const runtime = runtimeWith({
        open: (path, create) => {
          const fd = nodeFiles.open(path, create);
          open.add(fd);
          return fd;
        },
        close: (fd) => {
          open.delete(fd);
          nodeFiles.close(fd);
        },
        removeDirectory: (path) => {
          if (isBad && staying !== '' && path.endsWith(staying)) fails();
          nodeFiles.removeDirectory(path);
        },
      });
      const directory = temporaryDirectory();
      const topics = await openTopics(directory, { fsync: 'always', runtime });
      const topic = await topics.create('orders', 1);
      const before = [...open];
      isBad = true;
      failAfterStoring();
      await expect(topics.addPartitions(topic, 5)).rejects.toMatchObject({ code: 'EIO' });
      expect([...open]).toEqual(before);
      expect(topic.partitions).toHaveLength(1);
      isBad = false;
      Object.assign(nodeFiles, { storeDurably });
      await topics.addPartitions(topic, 5);
      expect(topic.partitions.map(({ endOffset }) => endOffset)).toEqual([0, 0, 0, 0, 0]);
      await topics.close();
    },
  );
});
