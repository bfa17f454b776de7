import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProducerIds } from './producer-ids.js';
import { nodeFiles } from './storage/files.js';
import { DamagedFile } from './topics/damaged-file.js';

let directory: string;
const { store, storeDurably } = nodeFiles;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'producer-ids-'));
});
afterEach(async () => {
  Object.assign(nodeFiles, { store, storeDurably });
  await rm(directory, { recursive: true, force: true });
});

/** Quotas count as well as the disk. */
function fillDisk(code: string): void {
  const refuse = (): never => {
    throw Object.assign(new Error('no room'), { code });
  };
  Object.assign(nodeFiles, { store: refuse, storeDurably: async () => refuse() });
}

describe('producer ids', () => {
  it.each(['', '{}', '{"firstFree":-1}'])('do not begin anew where %j is kept', async (text) => {
    await writeFile(join(directory, 'producer-ids.json'), text);
    await expect(ProducerIds.open(directory, false)).rejects.toThrow(DamagedFile);
  });
});

describe.each([true, false])('producer ids, durable: %s', (durable) => {
  it.each(['ENOSPC', 'EDQUOT'])(
    'are reserved with a digit more where %s keeps the file from growing',
    async (code) => {
      const ids = await ProducerIds.open(directory, durable);
      for (let id = 0; id < 9_000; id++) expect(await ids.next()).toBe(id);
      const file = join(directory, 'producer-ids.json');
      const { size, ino } = await stat(file);
      fillDisk(code);
      expect(await ids.next()).toBe(9_000);
      expect(await stat(file)).toMatchObject({ size, ino });
      const again = await ProducerIds.open(directory, durable);
      expect(await again.next()).toBe(10_000);
    },
  );

  it('are refused while nothing can be reserved, and none is lost', async () => {
    const ids = await ProducerIds.open(directory, durable);
    fillDisk('ENOSPC');
    await expect(ids.next()).rejects.toThrow('no room');
    Object.assign(nodeFiles, { store, storeDurably });
    expect(await ids.next()).toBe(0);
  });
});
