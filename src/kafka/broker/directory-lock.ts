import { createHash, randomUUID } from 'node:crypto';
import { link, lutimes, readFile, readlink, realpath, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  hasEnded,
  holderIn,
  livesElsewhere,
  SIGN_MS,
  thisProcess,
  type LockHolder,
} from './lock-holder.js';
import { isFullDisk } from './storage/disk-space.js';
import { nodeFiles } from './storage/files.js';

const FILE = 'broker.lock';
const REMOVAL_MS = 1_000;
const POLL_MS = 20;

/** Another broker runs on the data directory. */
export class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse';

  constructor(
    readonly directory: string,
    readonly pid: number,
    /** Whether that is a process of another container or machine. */
    readonly isElsewhere = false,
  ) {
    const where = isElsewhere ? ' of another container or machine' : '';
    super(`The data directory ${directory} is in use by process ${pid}${where}.`);
  }
}

const heldHere = new Set<string>();

/**
 * Keeps a second broker off a data directory, by a file that names the process. It outlives
 * kill -9, so a file whose process is gone counts for nothing. A process of another container or
 * machine cannot be asked for: it is gone when it has not touched the file for 6 s. So one that is
 * paused for longer may lose the directory; and one that found the disk full, and had no room to
 * tell where it is, to any that does not see it.
 */
export class DirectoryLock {
  private readonly signs: NodeJS.Timeout;

  private constructor(
    private readonly directory: string,
    private readonly file: string,
  ) {
    this.signs = setInterval(() => void this.giveSign(), SIGN_MS).unref();
  }

  /** @throws DataDirectoryInUse */
  static async acquire(path: string): Promise<DirectoryLock> {
    const directory = await realpath(path);
    if (heldHere.has(directory)) throw new DataDirectoryInUse(directory, process.pid);
    heldHere.add(directory);
    try {
      const file = join(directory, FILE);
      await take(directory, file);
      return new DirectoryLock(directory, file);
    } catch (error) {
      heldHere.delete(directory);
      throw error;
    }
  }

  async release(): Promise<void> {
    clearInterval(this.signs);
    await rm(this.file, { force: true });
    heldHere.delete(this.directory);
  }

  private async giveSign(): Promise<void> {
    const now = new Date();
    // The next one may succeed, and nothing else depends on it.
    await lutimes(this.file, now, now).catch(() => undefined);
  }
}

/** Links a complete file into place: of several brokers at once, one succeeds. */
async function take(directory: string, file: string): Promise<void> {
  const own = `${file}.${randomUUID()}`;
  try {
    // First, as a disk may have no room for another file.
    await removeDead(directory, file);
    await name(own, await thisProcess());
    while (!(await linked(own, file))) await removeDead(directory, file);
  } finally {
    await rm(own, { force: true });
  }
}

/** Removes a lock that is nobody's any more. @throws DataDirectoryInUse */
async function removeDead(directory: string, file: string): Promise<void> {
  const found = await contentOf(file);
  if (found === undefined) return;
  const holder = holderIn(found);
  if (holder && !(await hasEnded(holder, file))) {
    throw new DataDirectoryInUse(directory, holder.pid, await livesElsewhere(holder));
  }
  await removeOnce(file, found);
}

/**
 * Removes a lock that says this. Of several who found it, only the one that gives it a second name,
 * by what it says, may: the next lock comes when it is gone, and the others would remove that.
 */
async function removeOnce(file: string, found: string): Promise<void> {
  const second = `${file}.${createHash('sha256').update(found).digest('hex')}`;
  if (await linked(file, second).catch(ignoreMissing)) {
    if ((await contentOf(file)) === found) await rm(file, { force: true });
  } else if (await vanishes(second)) {
    return;
  }
  // Also what somebody left who was killed at it.
  await rm(second, { force: true });
}

/** Whether somebody removes the file within the time that this takes. */
async function vanishes(file: string): Promise<boolean> {
  const deadline = performance.now() + REMOVAL_MS;
  while ((await contentOf(file)) !== undefined) {
    if (performance.now() > deadline) return false;
    await pause(POLL_MS);
  }
  return true;
}

/** A file that names the holder; on a full disk a symbolic link that does, which takes no room. */
async function name(file: string, holder: LockHolder): Promise<void> {
  try {
    nodeFiles.store(file, Buffer.from(JSON.stringify(holder)));
  } catch (error) {
    if (!isFullDisk(error)) throw error;
    await rm(`${file}.tmp`, { force: true });
    await symlink(`${holder.pid} ${holder.startedAt ?? ''}`, file);
  }
}

async function linked(file: string, newName: string): Promise<boolean> {
  try {
    await link(file, newName);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** What a lock says, be it a file or a symbolic link; undefined where there is none. */
async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readlink(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // EINVAL: it is a file.
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
  }
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    ignoreMissing(error);
    return undefined;
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
