import { readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  commandLineOf,
  endProcess,
  isKnown,
  isRunning,
  workingDirectoryOf,
} from '../running-processes.js';
import type { PlatformLog } from '../supervised-process.js';

const FAST_SHUTDOWN_MS = 15_000;
const IMMEDIATE_SHUTDOWN_MS = 5_000;

/** Whether the process is a postmaster that works on this directory. */
async function isPostmasterOf(pid: number, directory: string): Promise<boolean> {
  const worksIn = await workingDirectoryOf(pid);
  if (worksIn !== undefined) return worksIn === (await realpath(directory));
  const command = await commandLineOf(pid);
  return command !== undefined && command.includes('postgres') && command.includes(directory);
}

/**
 * Clears what a killed Millrace left on a cluster: a postmaster that still runs is shut down; a pid
 * file whose number now belongs to an unrelated or already ended process, at which Postgres would
 * refuse to start, is removed. A pid file of a dead process stays: Postgres itself uses it to make sure that no session
 * of the dead postmaster is left. To be called by the holder of the data directory's lock.
 */
export async function clearLeftBehind(directory: string, log: PlatformLog): Promise<void> {
  const pidFile = join(directory, 'postmaster.pid');
  const content = await readFile(pidFile, 'utf8').catch(() => undefined);
  const pid = Number.parseInt(content ?? '', 10);
  if (!(pid > 0) || !isKnown(pid)) return;
  if (isRunning(pid) && (await isPostmasterOf(pid, directory))) {
    log.warn(`Stopping the Postgres (process ${pid}) that an earlier start left running`);
    await endProcess(pid, [
      { signal: 'SIGINT', timeoutMs: FAST_SHUTDOWN_MS },
      { signal: 'SIGQUIT', timeoutMs: IMMEDIATE_SHUTDOWN_MS },
    ]);
  }
  if (isKnown(pid)) await rm(pidFile, { force: true });
}
