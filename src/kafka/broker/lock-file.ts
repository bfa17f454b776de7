import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { link, rm, symlink } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { LockHolder } from './lock-holder.js';
import { isFullDisk } from './storage/disk-space.js';
import { nodeFiles } from './storage/files.js';

const REMOVAL_MS = 1_000;
const POLL_MS = 20;

/** The data directory lies where files cannot have two names, which its lock needs. */
export class HardLinksMissing extends Error {
  override readonly name = 'HardLinksMissing';

  constructor(file: string, options?: ErrorOptions) {
    super(`${file} cannot be made: that file system takes no hard links`, options);
  }
}

/**
 * Makes a file that names the holder; on a full disk a symbolic link that does, which takes no room.
 * @returns what it says
 */
export async function writeLock(file: string, holder: LockHolder): Promise<string> {
  const whole = JSON.stringify(holder);
  try {
    nodeFiles.store(file, Buffer.from(whole));
    return whole;
  } catch (error) {
    if (!isFullDisk(error)) throw error;
    await rm(`${file}.tmp`, { force: true });
    const short = `${holder.pid} ${holder.startedAt ?? ''}`;
    await symlink(short, file);
    return short;
  }
}

/** Gives a file one more name: false where that is taken. @throws HardLinksMissing */
export async function linked(file: string, newName: string): Promise<boolean> {
  try {
    await link(file, newName);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (WITHOUT_LINKS.includes(code)) throw new HardLinksMissing(newName, { cause: error });
    throw error;
  }
}

/** What FAT, and shares of it, answer (link(2)). */
const WITHOUT_LINKS: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** What a lock says, be it a file or a symbolic link; undefined where there is none. */
export function contentOf(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // EINVAL: it is a file.
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
  }
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    ignoreMissing(error);
    return undefined;
  }
}

/**
 * Removes a lock that says this. Of several who found it, only the one that gives it a second name,
 * by what it says, may: the next lock comes when it is gone, and the others would remove that.
 */
export async function removeOnce(file: string, found: string): Promise<void> {
  const second = `${file}.${createHash('sha256').update(found).digest('hex')}`;
  if (await linked(file, second).catch(ignoreMissing)) {
    if (contentOf(file) === found) await rm(file, { force: true });
  } else if (await vanishes(second)) {
    return;
  }
  // Also what somebody left who was killed at it.
  await rm(second, { force: true });
}

/** Whether somebody removes the file within the time that this takes. */
async function vanishes(file: string): Promise<boolean> {
  const deadline = performance.now() + REMOVAL_MS;
  while (contentOf(file) !== undefined) {
    if (performance.now() > deadline) return false;
    await pause(POLL_MS);
  }
  return true;
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
