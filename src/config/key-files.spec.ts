import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadInstallationKeys } from './key-files.js';
import { StartRefused } from './start-refused.js';

describe("an installation's keys", () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'millrace-keys-'));
  });

  afterEach(() => rm(dataDir, { recursive: true }));

  it('are made at the first start, and found again at the second', async () => {
    const first = await loadInstallationKeys(dataDir, {});
    const second = await loadInstallationKeys(dataDir, {});
    expect(first.adminKeyCreated).toBe(true);
    expect(first.adminKey).toMatch(/^mr_[A-Za-z0-9_-]{32}$/);
    expect(first.encryptionKey).toHaveLength(32);
    expect(second).toEqual({ ...first, adminKeyCreated: false });
  });

  it('can be read by their owner alone', async () => {
    await loadInstallationKeys(dataDir, {});
    for (const name of ['admin.key', 'encryption.key']) {
      expect((await stat(join(dataDir, name))).mode & 0o777).toBe(0o600);
    }
  });

  it('are the same for all processes that start at once, and leave no drafts', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, () => loadInstallationKeys(dataDir, {})),
    );
    expect(new Set(all.map(({ adminKey }) => adminKey)).size).toBe(1);
    expect(new Set(all.map(({ encryptionKey }) => encryptionKey.toString('hex'))).size).toBe(1);
    expect(all.filter(({ adminKeyCreated }) => adminKeyCreated)).toHaveLength(1);
    expect((await readdir(dataDir)).toSorted()).toEqual(['admin.key', 'encryption.key']);
  });

  it('come from the environment where it names them, and are not written then', async () => {
    const given = { adminKey: `mr_${'k'.repeat(20)}`, encryptionKey: Buffer.alloc(32, 1) };
    expect(await loadInstallationKeys(dataDir, given)).toEqual({
      ...given,
      adminKeyCreated: false,
    });
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('are never replaced when a file is damaged', async () => {
    const path = join(dataDir, 'encryption.key');
    await writeFile(path, 'half a k');
    await chmod(path, 0o600);
    await expect(loadInstallationKeys(dataDir, {})).rejects.toThrow(StartRefused);
    expect(await readFile(path, 'utf8')).toBe('half a k');
  });
});
