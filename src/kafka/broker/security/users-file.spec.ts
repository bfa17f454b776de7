import { mkdir, mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnusableUsersFile } from './security.errors.js';
import { peerFrom } from './testing/peer.js';
import { UsersFile } from './users-file.js';

const saltSecret = Buffer.alloc(32);
const open = peerFrom();

let directory: string;
let file: string;
let failures: UnusableUsersFile[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'users-file-'));
  file = join(directory, 'users');
  failures = [];
});
afterEach(() => rm(directory, { recursive: true }));

async function openFile(text: string): Promise<UsersFile> {
  await writeFile(file, text);
  return UsersFile.open(file, saltSecret, (failure) => failures.push(failure));
}

async function admits(users: UsersFile, name: string, password: string): Promise<boolean> {
  return (await users.current()).admits(name, password, open);
}

describe('the users file', () => {
  it('is read again when it has changed, be it at once and to the same length', async () => {
    const users = await openFile('ann:one');
    for (const password of ['two', 'six', 'ten']) {
      await writeFile(file, `ann:${password}`);
      expect(await admits(users, 'ann', password)).toBe(true);
      expect(await admits(users, 'ann', 'one')).toBe(false);
    }
    await writeFile(file, 'bob:one');
    expect(await admits(users, 'ann', 'ten')).toBe(false);
    expect(failures).toEqual([]);
  });

  it('keeps the keys that were made from its passwords while it is the same', async () => {
    const users = await openFile('ann:one');
    const first = await users.current();
    expect(await users.current()).toBe(first);
    const keys = await first.scram('SCRAM-SHA-256', 'ann').keys();
    expect(await first.scram('SCRAM-SHA-256', 'ann').keys()).toBe(keys);
  });

  it('lets the former users stay while it is wrong, and tells it once', async () => {
    const users = await openFile('ann:one');
    await writeFile(file, 'ann:one\nsecret');
    for (const _ of [1, 2]) expect(await admits(users, 'ann', 'one')).toBe(true);
    expect(failures.map(String)).toEqual([expect.stringContaining('line 2')]);
    expect(String(failures[0])).not.toContain('secret');
    await rm(file);
    for (const _ of [1, 2]) expect(await admits(users, 'ann', 'one')).toBe(true);
    expect(failures.slice(1).map(String)).toEqual([expect.stringContaining('ENOENT')]);
    await writeFile(file, 'ann:two');
    expect(await admits(users, 'ann', 'two')).toBe(true);
    await rm(file);
    await users.current();
    expect(failures).toHaveLength(3);
  });

  it('lets nobody in while the system cannot read it, and the same once it can', async () => {
    const users = await openFile('ann:one');
    await rm(file);
    await mkdir(file);
    for (const _ of [1, 2]) await expect(users.current()).rejects.toThrow(UnusableUsersFile);
    expect(failures.map(String)).toEqual([expect.stringContaining('EISDIR')]);
    await rmdir(file);
    await writeFile(file, 'ann:one');
    expect(await admits(users, 'ann', 'one')).toBe(true);
  });

  it('is read once at a time, and after the last change', async () => {
    const reads: ((text: string) => void)[] = [];
    const read = () =>
      new Promise<Buffer>((resolve) => reads.push((text) => resolve(Buffer.from(text))));
    const opened = UsersFile.open(file, saltSecret, () => undefined, read);
    reads.shift()!('ann:one');
    const users = await opened;
    const before = users.current();
    const during = [users.current(), users.current()];
    expect(reads).toHaveLength(1);
    reads.shift()!('ann:one');
    await before;
    const meanwhile = users.current();
    expect(reads).toHaveLength(1);
    reads.shift()!('ann:two');
    for (const credentials of await Promise.all(during)) {
      expect(await credentials.admits('ann', 'two', open)).toBe(true);
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(reads).toHaveLength(1);
    reads.shift()!('ann:six');
    expect(await (await meanwhile).admits('ann', 'six', open)).toBe(true);
    void users.current();
    expect(reads).toHaveLength(1);
  });

  it('must be there and right at the start', async () => {
    await expect(UsersFile.open(file, saltSecret, () => undefined)).rejects.toThrow(
      UnusableUsersFile,
    );
    await expect(openFile('no colon')).rejects.toThrow(UnusableUsersFile);
  });
});
