import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DataDirectory } from './data-directory.js';
import { nodeFiles } from './storage/files.js';
import { DamagedFile } from './topics/damaged-file.js';

const { syncPath } = nodeFiles;
const onFailure = (error: unknown): never => {
  throw error;
};
let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'data-directory-'));
});
afterEach(async () => {
  nodeFiles.syncPath = syncPath;
  await rm(parent, { recursive: true, force: true });
});

describe('a data directory', () => {
  it('that is made outlives a power cut with all directories that were made above it', async () => {
    const synced: string[] = [];
    nodeFiles.syncPath = async (path) => {
      synced.push(path);
      await syncPath(path);
    };
    const directory = await DataDirectory.open(
      join(parent, 'a', 'b', '..', 'c', 'd'),
      true,
      onFailure,
    );
    await directory.release();
    expect(synced).toEqual(
      expect.arrayContaining([join(parent, 'a', 'c'), join(parent, 'a'), parent]),
    );
  });

  it('outlives a power cut though the start that made it did not come to that', async () => {
    const synced: string[] = [];
    nodeFiles.syncPath = async (path) => void synced.push(path);
    await (await DataDirectory.open(parent, true, onFailure)).release();
    expect(synced).toContain(dirname(parent));
  });

  it('may be mounted where it cannot be synced', async () => {
    nodeFiles.syncPath = async (path) => {
      if (path === dirname(parent)) throw new Error('EACCES');
      await syncPath(path);
    };
    const directory = await DataDirectory.open(parent, true, onFailure);
    expect(directory.lost.aborted).toBe(false);
    await directory.release();
  });

  it.each([
    '',
    '{}',
    'null',
    '{"clusterId":"a","leaderEpoch":-1}',
    '{"clusterId":"","leaderEpoch":1}',
  ])('is refused by the name of the file that is damaged, and free again: %j', async (text) => {
    const file = join(parent, 'broker.json');
    await writeFile(file, text);
    const opened = DataDirectory.open(parent, false, onFailure);
    await expect(opened).rejects.toThrow(DamagedFile);
    await expect(opened).rejects.toThrow(`The file ${file} is damaged`);
    await rm(file);
    await (await DataDirectory.open(parent, false, onFailure)).release();
  });
});
