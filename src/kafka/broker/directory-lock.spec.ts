import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataDirectoryInUse, DirectoryLock } from './directory-lock.js';

async function withDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'broker-lock-'));
  try {
    await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A shell that runs the script, and the process id that it prints. */
async function spawnHolder(script: string): Promise<{ shell: ChildProcess; pid: number }> {
  const shell = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(shell.stdout!, 'data')) as [Buffer];
  return { shell, pid: Number(line.toString()) };
}

const claimedBy = (directory: string, pid: number): Promise<void> =>
  writeFile(join(directory, 'broker.lock'), JSON.stringify({ pid, startedAt: null }));

const holderOf = async (directory: string): Promise<number> =>
  (JSON.parse(await readFile(join(directory, 'broker.lock'), 'utf8')) as { pid: number }).pid;

describe("a broker's lock on its data directory", () => {
  it('keeps a second broker off while the first runs', () =>
    withDirectory(async (directory) => {
      const { shell, pid } = await spawnHolder('echo $$; exec sleep 60');
      await claimedBy(directory, pid);
      await expect(DirectoryLock.acquire(directory)).rejects.toThrow(DataDirectoryInUse);
      shell.kill('SIGKILL');
    }));

  it('is free once its holder ended, even if no parent ever collects that', () =>
    withDirectory(async (directory) => {
      // The shell becomes a program that never waits for its child: a zombie.
      const { shell, pid } = await spawnHolder('sleep 0 & echo $!; exec sleep 60');
      await claimedBy(directory, pid);
      const lock = await DirectoryLock.acquire(directory);
      expect(await holderOf(directory)).toBe(process.pid);
      await lock.release();
      shell.kill('SIGKILL');
    }));

  it('is taken for one on a full disk too, where its name is all that fits', () =>
    withDirectory(async (directory) => {
      const { shell, pid } = await spawnHolder('echo $$; exec sleep 60');
      await symlink(`${pid} `, join(directory, 'broker.lock'));
      await expect(DirectoryLock.acquire(directory)).rejects.toMatchObject({ pid });
      shell.kill('SIGKILL');
      const lock = await DirectoryLock.acquire(directory);
      expect(await holderOf(directory)).toBe(process.pid);
      await lock.release();
    }));

  it('waits for a holder that is about to end', () =>
    withDirectory(async (directory) => {
      const { pid } = await spawnHolder('echo $$; exec sleep 0.3');
      await claimedBy(directory, pid);
      const lock = await DirectoryLock.acquire(directory);
      expect(await holderOf(directory)).toBe(process.pid);
      await lock.release();
    }));
});
