import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataDirectory } from './data-directory.js';
import { nodeFiles } from './storage/files.js';
import { DamagedFile } from './topics/damaged-file.js';

const { syncPath } = nodeFiles;
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
    const directory = await DataDirectory.open(join(parent, 'a', 'b', '..', 'c', 'd'), true);
    await directory.release();
    expect(synced).toEqual(
      expect.arrayContaining([join(parent, 'a', 'c'), join(parent, 'a'), parent]),
    );
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
    const opened = DataDirectory.open(parent, false);
    await expect(opened).rejects.toThrow(DamagedFile);
    await expect(opened).rejects.toThrow(`The file ${file} is damaged`);
    await rm(file);
    await (await DataDirectory.open(parent, false)).release();
  });
});
