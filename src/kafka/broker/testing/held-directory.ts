import { jest } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { lutimesSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryLock } from '../directory-lock.js';
import type { LockHolder } from '../lock-holder.js';

/** Runs `use` with a new data directory, that is removed afterwards. */
export async function withDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'broker-lock-'));
  try {
    await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export const lockOf = (directory: string): string => join(directory, 'broker.lock');

/** Takes the lock of a directory for a test that no failure in the background belongs to. */
export const acquire = (directory: string): Promise<DirectoryLock> =>
  DirectoryLock.acquire(directory, (error) => {
    throw error;
  });

/** A shell that runs the script, and the process id that it prints. */
export async function spawnHolder(script: string): Promise<{ shell: ChildProcess; pid: number }> {
  const shell = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(shell.stdout!, 'data')) as [Buffer];
  return { shell, pid: Number(line.toString()) };
}

export const SLEEPER = 'echo $$; exec sleep 60';

/** Puts a lock in the place of what is there, another file; nothing tells when its process started. */
export function claimedBy(directory: string, pid: number, more: Partial<LockHolder> = {}): void {
  rmSync(lockOf(directory), { force: true });
  writeFileSync(lockOf(directory), JSON.stringify({ pid, startedAt: null, ...more }));
}

export const holderOf = (directory: string): LockHolder =>
  JSON.parse(readFileSync(lockOf(directory), 'utf8')) as LockHolder;

/** Gives signs of life for who holds a directory, until the result is called. */
export function givesSigns(directory: string): () => void {
  let seconds = 0;
  const signs = setInterval(() => {
    seconds += 1;
    lutimesSync(lockOf(directory), seconds, seconds);
  }, 20);
  return () => clearInterval(signs);
}

/** Has the clock run a hundred times as fast while something is done. */
export async function hastened<T>(act: () => Promise<T>): Promise<T> {
  const now = performance.now.bind(performance);
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() * 100);
  try {
    return await act();
  } finally {
    clock.mockRestore();
  }
}
