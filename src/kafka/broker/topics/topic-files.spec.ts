import { cp, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFiles } from '../storage/files.js';
import { batchOf, temporaryDirectory } from '../storage/testing/log-fixture.js';
import { openTopics } from './testing/open-topics.js';
import { DamagedFile } from './damaged-file.js';
import { TopicKeptTwice, TopicMisplaced } from './topic-files.js';
import type { TopicRegistry } from './topic-registry.js';
import type { Topic } from './topic.js';

/** A directory with a topic of one record, and the path of the topic's own one. */
async function keptTopic(): Promise<{ directory: string; id: string; own: string }> {
  const directory = temporaryDirectory();
  const topics = await openTopics(directory);
  const { id, partitions } = await topics.create('orders', 1);
  await partitions[0]!.append(batchOf(['a']));
  await topics.close();
  return { directory, id, own: join(directory, id) };
}

/** The end offset of the topic that there is after a start, and its id. */
async function startedWith(directory: string): Promise<{ id?: string; end?: number }> {
  const topics = await openTopics(directory, { leaderEpoch: 1 });
  const topic = topics.get('orders');
  await topics.close();
  return topic ? { id: topic.id, end: topic.partitions[0]!.endOffset } : {};
}

const refusalOf = (directory: string): Promise<unknown> =>
  openTopics(directory, { leaderEpoch: 1 }).catch((error: unknown) => error);

describe('the directory of topics', () => {
  it('is shared with what others put there, which no start touches', async () => {
    const { directory, id, own } = await keptTopic();
    await mkdir(join(directory, 'backup'));
    await rename(own, join(directory, 'backup', id));
    await mkdir(join(directory, 'lost+found'));
    await writeFile(join(directory, 'notes.txt'), 'ours');
    expect(await startedWith(directory)).toEqual({});
    const found = (await readdir(directory)).toSorted();
    expect(found).toEqual(['backup', 'lost+found', 'notes.txt']);
    await rename(join(directory, 'backup', id), own);
    expect(await startedWith(directory)).toEqual({ id, end: 1 });
  });

  it('is shared with what only looks like topics', async () => {
    const { directory, id } = await keptTopic();
    const [file, link] = ['0', '1'].map((digit) => digit.repeat(32)) as [string, string];
    await writeFile(join(directory, file), 'ours');
    await symlink(temporaryDirectory(), join(directory, link));
    await mkdir(join(directory, 'broken'));
    await writeFile(join(directory, 'broken', 'topic.json'), '{"name":');
    expect(await startedWith(directory)).toEqual({ id, end: 1 });
    expect((await readdir(directory)).toSorted()).toEqual([file, link, 'broken', id].toSorted());
    expect(await readFile(join(directory, file), 'utf8')).toBe('ours');
  });

  it('has no topic in a directory of another name: neither a copy nor the copy alone is opened', async () => {
    const { directory, id, own } = await keptTopic();
    const copy = `${own}.copy`;
    await cp(own, copy, { recursive: true });
    const refused = { topic: 'orders', directory: copy, rightDirectory: own };
    expect(await refusalOf(directory)).toBeInstanceOf(TopicMisplaced);
    expect(await refusalOf(directory)).toMatchObject(refused);
    await rename(own, join(temporaryDirectory(), id));
    expect(await refusalOf(directory)).toMatchObject(refused);
    expect(await readdir(directory)).toEqual([`${id}.copy`]);
    await rename(copy, own);
    expect(await startedWith(directory)).toEqual({ id, end: 1 });
  });

  it.each(['', '{}', 'null', '{"id":"orders","name":"orders","partitions":1,"configs":{}}'])(
    'keeps the broker from starting by the name of the file that is damaged: %j',
    async (text) => {
      const { directory, id, own } = await keptTopic();
      const record = join(own, 'topic.json');
      const whole = await readFile(record);
      await writeFile(record, text);
      expect(await refusalOf(directory)).toBeInstanceOf(DamagedFile);
      expect(await refusalOf(directory)).toMatchObject({ file: record });
      await writeFile(record, whole);
      expect(await startedWith(directory)).toEqual({ id, end: 1 });
    },
  );

  it('has a topic of one name once: the start names both, and none is lost', async () => {
    const { directory, id, own } = await keptTopic();
    const otherId = id.replace(/./, (digit) => (digit === '0' ? '1' : '0'));
    const other = join(directory, otherId);
    await cp(own, other, { recursive: true });
    const record = JSON.parse(await readFile(join(own, 'topic.json'), 'utf8')) as object;
    await writeFile(join(other, 'topic.json'), JSON.stringify({ ...record, id: otherId }));
    const refused = await refusalOf(directory);
    expect(refused).toBeInstanceOf(TopicKeptTwice);
    expect((refused as TopicKeptTwice).directories.toSorted()).toEqual([own, other].toSorted());
    await mkdir(join(directory, 'aside'));
    await rename(other, join(directory, 'aside', otherId));
    expect(await startedWith(directory)).toEqual({ id, end: 1 });
    expect(await readdir(join(directory, 'aside'))).toEqual([otherId]);
  });
});

describe("a topic's record", () => {
  const { storeDurably } = nodeFiles;
  afterEach(() => {
    nodeFiles.storeDurably = storeDurably;
  });

  it.each<[string, (topics: TopicRegistry, topic: Topic) => Promise<void>]>([
    ['configuration', (topics, topic) => topics.configure(topic, () => ({ 'retention.ms': '1' }))],
    ['partitions', (topics, topic) => topics.addPartitions(topic, 3)],
  ])(
    'tells nothing of a change that was refused when it was in its place: %s',
    async (_, change) => {
      const directory = temporaryDirectory();
      const topics = await openTopics(directory, { fsync: 'always' });
      const topic = await topics.create('orders', 1);
      nodeFiles.storeDurably = async (path, bytes) => {
        await storeDurably(path, bytes);
        throw new Error('EIO');
      };
      await expect(change(topics, topic)).rejects.toThrow('EIO');
      nodeFiles.storeDurably = storeDurably;
      await topics.close();
      const again = await openTopics(directory, { leaderEpoch: 1 });
      expect(again.get('orders')!.toRecord()).toEqual(topic.toRecord());
      expect(topic.toRecord()).toMatchObject({ partitions: 1, configs: {} });
      await again.close();
    },
  );
});
