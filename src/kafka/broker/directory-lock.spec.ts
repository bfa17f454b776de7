import { jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import { linkSync, readdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataDirectoryInUse } from './directory-lock.js';
import { thisProcess } from './lock-holder.js';
import { nodeFiles } from './storage/files.js';
import {
  acquire,
  claimedBy,
  givesSigns,
  holderOf,
  lockOf,
  SLEEPER,
  spawnHolder,
  withDirectory,
} from './testing/held-directory.js';

/** Of a process that is dead as soon as anybody asks for it: then this has happened before. */
const DEAD = 999_999_999;
function whenDeadIsAskedFor(happens: () => void): void {
  const { kill } = process;
  jest.spyOn(process, 'kill').mockImplementation((pid, signal) => {
    if (pid !== DEAD) return kill.call(process, pid, signal);
    happens();
    throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' });
  });
}
afterEach(() => jest.restoreAllMocks());

describe("a broker's lock on its data directory", () => {
  it('keeps a second broker off while the first runs', () =>
    withDirectory(async (directory) => {
      const { shell, pid } = await spawnHolder(SLEEPER);
      claimedBy(directory, pid, { home: (await thisProcess()).home });
      const end = givesSigns(directory);
      await expect(acquire(directory)).rejects.toThrow(DataDirectoryInUse);
      end();
      shell.kill('SIGKILL');
    }));

  it('is free once its holder ended, even if no parent ever collects that', () =>
    withDirectory(async (directory) => {
      // The shell becomes a program that never waits for its child: a zombie.
      const { shell, pid } = await spawnHolder('sleep 0 & echo $!; exec sleep 60');
      claimedBy(directory, pid);
      const lock = await acquire(directory);
      expect(holderOf(directory).pid).toBe(process.pid);
      await lock.release();
      shell.kill('SIGKILL');
    }));

  it('is taken for one on a full disk too, where its name is all that fits', () =>
    withDirectory(async (directory) => {
      const { shell, pid } = await spawnHolder(SLEEPER);
      await symlink(`${pid} `, lockOf(directory));
      const end = givesSigns(directory);
      await expect(acquire(directory)).rejects.toMatchObject({ pid });
      end();
      shell.kill('SIGKILL');
      const lock = await acquire(directory);
      expect(holderOf(directory).pid).toBe(process.pid);
      await lock.release();
    }));

  it.each(['', '{"pid":', 'null', '{}'])('is free where it says %j, after a power cut', (content) =>
    withDirectory(async (directory) => {
      await writeFile(lockOf(directory), content);
      const lock = await acquire(directory);
      expect(holderOf(directory).pid).toBe(process.pid);
      await lock.release();
    }),
  );

  it('is not taken from one who was faster to take it from a dead holder', () =>
    withDirectory(async (directory) => {
      const faster = await spawnHolder(SLEEPER);
      claimedBy(directory, DEAD, { startedAt: 'then' });
      whenDeadIsAskedFor(() => claimedBy(directory, faster.pid));
      const end = givesSigns(directory);
      await expect(acquire(directory)).rejects.toMatchObject({ pid: faster.pid });
      end();
      expect([await readdir(directory), holderOf(directory).pid]).toEqual([
        ['broker.lock'],
        faster.pid,
      ]);
      faster.shell.kill('SIGKILL');
    }));

  it('is never away while one finds out that another was faster', () =>
    withDirectory(async (directory) => {
      const faster = await spawnHolder(SLEEPER);
      claimedBy(directory, DEAD, { startedAt: 'then' });
      writeFileSync(join(directory, 'third'), JSON.stringify({ pid: faster.pid }));
      let isTaken: boolean | undefined;
      let isFaster = false;
      whenDeadIsAskedFor(() => {
        claimedBy(directory, faster.pid);
        isFaster = true;
      });
      const acquired = acquire(directory).catch((error: unknown) => error);
      void acquired.then(() => (isTaken = false));
      const end = givesSigns(directory);
      while (isTaken === undefined) {
        try {
          linkSync(join(directory, 'third'), lockOf(directory));
          isTaken = true;
        } catch (error) {
          expect((error as NodeJS.ErrnoException).code).toBe('EEXIST');
        }
        await new Promise(setImmediate);
      }
      end();
      expect([isTaken, isFaster]).toEqual([false, true]);
      expect(await acquired).toMatchObject({ pid: faster.pid });
      faster.shell.kill('SIGKILL');
    }));

  it('is free though a broker was killed while it removed it', () =>
    withDirectory(async (directory) => {
      const { shell, pid } = await spawnHolder('sleep 0 & echo $!; exec sleep 60');
      claimedBy(directory, pid);
      const file = lockOf(directory);
      const said = createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
      linkSync(file, `${file}.${said}`);
      const lock = await acquire(directory);
      expect([await readdir(directory), holderOf(directory).pid]).toEqual([
        ['broker.lock'],
        process.pid,
      ]);
      await lock.release();
      shell.kill('SIGKILL');
    }));

  it('gives way to a new one where the disk takes no other file', () =>
    withDirectory(async (directory) => {
      const { shell, pid } = await spawnHolder('sleep 0 & echo $!; exec sleep 60');
      claimedBy(directory, pid);
      const real = nodeFiles.store;
      nodeFiles.store = (path, bytes) => {
        if (readdirSync(directory).length > 0) throw new Error('no inodes left');
        real(path, bytes);
      };
      try {
        const lock = await acquire(directory);
        expect(holderOf(directory).pid).toBe(process.pid);
        await lock.release();
      } finally {
        nodeFiles.store = real;
        shell.kill('SIGKILL');
      }
    }));

  it('waits for a holder that is about to end', () =>
    withDirectory(async (directory) => {
      const { pid } = await spawnHolder('echo $$; exec sleep 0.3');
      claimedBy(directory, pid);
      const lock = await acquire(directory);
      expect(holderOf(directory).pid).toBe(process.pid);
      await lock.release();
    }));

  it('is held by this process, though another copy of the module took it', () =>
    withDirectory(async (directory) => {
      const { pid } = process;
      claimedBy(directory, pid, await thisProcess());
      const end = givesSigns(directory);
      await expect(acquire(directory)).rejects.toMatchObject({ pid });
      end();
    }));

  it('is free where an earlier process had the pid of this one', () =>
    withDirectory(async (directory) => {
      claimedBy(directory, process.pid, { ...(await thisProcess()), startedAt: 'before' });
      const lock = await acquire(directory);
      await expect(acquire(directory)).rejects.toBeInstanceOf(DataDirectoryInUse);
      await lock.release();
    }));
});
