import { jest } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { linkSync, readdirSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../../test/support/eventually.js';
import { DataDirectoryInUse, DirectoryLock } from './directory-lock.js';
import { thisProcess, type LockHolder } from './lock-holder.js';
import { nodeFiles } from './storage/files.js';

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

const SLEEPER = 'echo $$; exec sleep 60';

const claimedBy = (directory: string, pid: number, more: Partial<LockHolder> = {}): Promise<void> =>
  writeFile(join(directory, 'broker.lock'), JSON.stringify({ pid, startedAt: null, ...more }));

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

  it.each(['', '{"pid":', 'null', '{}'])('is free where it says %j, after a power cut', (content) =>
    withDirectory(async (directory) => {
      await writeFile(join(directory, 'broker.lock'), content);
      const lock = await DirectoryLock.acquire(directory);
      expect(await holderOf(directory)).toBe(process.pid);
      await lock.release();
    }),
  );

  it('is not taken from one who was faster to take it from a dead holder', () =>
    withDirectory(async (directory) => {
      const [dead, faster] = [await spawnHolder(SLEEPER), await spawnHolder(SLEEPER)];
      await claimedBy(directory, dead.pid);
      const asked = jest.spyOn(process, 'kill');
      const acquired = DirectoryLock.acquire(directory);
      acquired.catch(() => undefined);
      await eventually(
        () => asked.mock.calls.length,
        (calls) => calls > 0,
      );
      await claimedBy(directory, faster.pid);
      dead.shell.kill('SIGKILL');
      await expect(acquired).rejects.toMatchObject({ pid: faster.pid });
      expect([await readdir(directory), await holderOf(directory)]).toEqual([
        ['broker.lock'],
        faster.pid,
      ]);
      asked.mockRestore();
      faster.shell.kill('SIGKILL');
    }));

  it('is never away while one finds out that another was faster', () =>
    withDirectory(async (directory) => {
      const [dead, faster] = [await spawnHolder(SLEEPER), await spawnHolder(SLEEPER)];
      await claimedBy(directory, dead.pid);
      const asked = jest.spyOn(process, 'kill');
      let isTaken: boolean | undefined;
      const acquired = DirectoryLock.acquire(directory).catch((error: unknown) => error);
      void acquired.then(() => (isTaken = false));
      await eventually(
        () => asked.mock.calls.length,
        (calls) => calls > 0,
      );
      asked.mockRestore();
      await claimedBy(directory, faster.pid);
      await writeFile(join(directory, 'third'), JSON.stringify({ pid: faster.pid }));
      dead.shell.kill('SIGKILL');
      while (isTaken === undefined) {
        try {
          linkSync(join(directory, 'third'), join(directory, 'broker.lock'));
          isTaken = true;
        } catch (error) {
          expect((error as NodeJS.ErrnoException).code).toBe('EEXIST');
        }
        await new Promise(setImmediate);
      }
      expect(isTaken).toBe(false);
      expect(await acquired).toMatchObject({ pid: faster.pid });
      faster.shell.kill('SIGKILL');
    }));

  it('is free though a broker was killed while it removed it', () =>
    withDirectory(async (directory) => {
      const { shell, pid } = await spawnHolder('sleep 0 & echo $!; exec sleep 60');
      await claimedBy(directory, pid);
      const file = join(directory, 'broker.lock');
      const said = createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
      linkSync(file, `${file}.${said}`);
      const lock = await DirectoryLock.acquire(directory);
      expect([await readdir(directory), await holderOf(directory)]).toEqual([
        ['broker.lock'],
        process.pid,
      ]);
      await lock.release();
      shell.kill('SIGKILL');
    }));

  it('gives way to a new one where the disk takes no other file', () =>
    withDirectory(async (directory) => {
      const { shell, pid } = await spawnHolder('sleep 0 & echo $!; exec sleep 60');
      await claimedBy(directory, pid);
      const real = nodeFiles.store;
      nodeFiles.store = (path, bytes) => {
        if (readdirSync(directory).length > 0) throw new Error('no inodes left');
        real(path, bytes);
      };
      try {
        const lock = await DirectoryLock.acquire(directory);
        expect(await holderOf(directory)).toBe(process.pid);
        await lock.release();
      } finally {
        nodeFiles.store = real;
        shell.kill('SIGKILL');
      }
    }));

  it('waits for a holder that is about to end', () =>
    withDirectory(async (directory) => {
      const { pid } = await spawnHolder('echo $$; exec sleep 0.3');
      await claimedBy(directory, pid);
      const lock = await DirectoryLock.acquire(directory);
      expect(await holderOf(directory)).toBe(process.pid);
      await lock.release();
    }));

  it('is held by this process, though another copy of the module took it', () =>
    withDirectory(async (directory) => {
      await claimedBy(directory, process.pid, await thisProcess());
      const { pid } = process;
      await expect(DirectoryLock.acquire(directory)).rejects.toMatchObject({ pid });
    }));

  it('is free where an earlier process had the pid of this one', () =>
    withDirectory(async (directory) => {
      await claimedBy(directory, process.pid, { ...(await thisProcess()), startedAt: 'before' });
      const lock = await DirectoryLock.acquire(directory);
      await expect(DirectoryLock.acquire(directory)).rejects.toBeInstanceOf(DataDirectoryInUse);
      await lock.release();
    }));
});

describe('a lock of another container, in which the same pids are other processes', () => {
  const elsewhere = { pid: process.pid, startedAt: 'then', home: 'elsewhere' };

  it('is respected while its holder gives signs of life', () =>
    withDirectory(async (directory) => {
      await claimedBy(directory, process.pid, elsewhere);
      let seconds = 0;
      const signs = setInterval(() => {
        seconds += 1;
        void utimes(join(directory, 'broker.lock'), seconds, seconds);
      }, 100);
      const acquired = DirectoryLock.acquire(directory);
      await expect(acquired).rejects.toMatchObject({ pid: process.pid, isElsewhere: true });
      clearInterval(signs);
      expect(await readdir(directory)).toEqual(['broker.lock']);
    }));

  it(
    'is free when its holder stays silent',
    () =>
      withDirectory(async (directory) => {
        await claimedBy(directory, process.pid, elsewhere);
        const lock = await DirectoryLock.acquire(directory);
        const content = await readFile(join(directory, 'broker.lock'), 'utf8');
        expect(JSON.parse(content)).toEqual(await thisProcess());
        await lock.release();
      }),
    30_000,
  );

  it(
    'sees that this one gives signs of life, until it is released',
    () =>
      withDirectory(async (directory) => {
        const lock = await DirectoryLock.acquire(directory);
        const time = async (): Promise<number> =>
          (await stat(join(directory, 'broker.lock'))).mtimeMs;
        const taken = await time();
        await eventually(time, (now) => now !== taken);
        await lock.release();
        expect(await readdir(directory)).toEqual([]);
      }),
    30_000,
  );
});
