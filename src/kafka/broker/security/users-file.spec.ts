import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnusableUsersFile } from './security.errors.js';
import { UsersFile } from './users-file.js';

let directory: string;
let file: string;
let failures: UnusableUsersFile[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'users-file-'));
  file = join(directory, 'users');
  failures = [];
});
afterEach(() => rm(directory, { recursive: true }));

async function open(text: string): Promise<UsersFile> {
  await writeFile(file, text);
  return UsersFile.open(file, (failure) => failures.push(failure));
}

async function admits(users: UsersFile, name: string, password: string): Promise<boolean> {
  return (await users.current()).admits(name, password);
}

describe('the users file', () => {
  it('is read again when it has changed, be it at once and to the same length', async () => {
    const users = await open('ann:one');
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
    const users = await open('ann:one');
    const first = await users.current();
    expect(await users.current()).toBe(first);
    const keys = await first.scram('SCRAM-SHA-256', 'ann').keys();
    expect(await first.scram('SCRAM-SHA-256', 'ann').keys()).toBe(keys);
  });

  it('lets the former users stay while it is wrong, and tells it once', async () => {
    const users = await open('ann:one');
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

  it('must be there and right at the start', async () => {
    await expect(UsersFile.open(file, () => undefined)).rejects.toThrow(UnusableUsersFile);
    await expect(open('no colon')).rejects.toThrow(UnusableUsersFile);
  });
});
