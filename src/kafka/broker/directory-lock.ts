import { randomUUID } from 'node:crypto';
import { link, readFile, readlink, realpath, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isFullDisk } from './storage/disk-space.js';
import { nodeFiles } from './storage/files.js';

const FILE = 'broker.lock';
/** A killed broker takes a moment to end: this long a holder is waited for. */
const ENDING_MS = 1_000;
const POLL_MS = 20;

/** Another broker runs on the data directory. */
export class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse';

  constructor(
    readonly directory: string,
    readonly pid: number,
  ) {
    super(`The data directory ${directory} is in use by process ${pid}.`);
  }
}

interface Holder {
  readonly pid: number;
  /** When that process started, where the system tells: pids are used again. */
  readonly startedAt: string | null;
}

const heldHere = new Set<string>();

/**
 * Keeps a second broker off a data directory, by a file that names the process. It outlives
 * kill -9, so a file whose process is gone counts for nothing.
 */
export class DirectoryLock {
  private constructor(
    private readonly directory: string,
    private readonly file: string,
  ) {}

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
    await rm(this.file, { force: true });
    heldHere.delete(this.directory);
  }
}

/** Links a complete file into place: of several brokers at once, one succeeds. */
async function take(directory: string, file: string): Promise<void> {
  const own = `${file}.${randomUUID()}`;
  const holder: Holder = { pid: process.pid, startedAt: await startOf(process.pid) };
  try {
    // First, as a disk may have no room for another file.
    await removeDead(directory, file, own);
    await name(own, holder);
    while (!(await linked(own, file))) await removeDead(directory, file, own);
  } finally {
    await rm(own, { force: true });
  }
}

/** Removes a lock that is nobody's any more. @throws DataDirectoryInUse */
async function removeDead(directory: string, file: string, own: string): Promise<void> {
  const found = await contentOf(file);
  if (found === undefined) return;
  const holder = holderIn(found);
  if (holder && !(await hasEnded(holder))) throw new DataDirectoryInUse(directory, holder.pid);
  // Renaming first: of several who found it, one removes this very file.
  const dead = `${own}.dead`;
  await rename(file, dead).catch(ignoreMissing);
  const renamed = await contentOf(dead);
  // Somebody else was faster, and this is the new lock.
  if (renamed !== undefined && renamed !== found) await linked(dead, file);
  await rm(dead, { force: true });
}

/** A file that names the holder; on a full disk a symbolic link that does, which takes no room. */
async function name(file: string, holder: Holder): Promise<void> {
  try {
    nodeFiles.store(file, Buffer.from(JSON.stringify(holder)));
  } catch (error) {
    if (!isFullDisk(error)) throw error;
    await rm(`${file}.tmp`, { force: true });
    await symlink(`${holder.pid} ${holder.startedAt ?? ''}`, file);
  }
}

async function linked(own: string, file: string): Promise<boolean> {
  try {
    await link(own, file);
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

/** Undefined for what names nobody: a power cut may leave the file empty. */
function holderIn(content: string): Holder | undefined {
  const [, pid, startedAt] = /^(\d+) (.*)$/.exec(content) ?? [];
  if (pid !== undefined) return { pid: Number(pid), startedAt: startedAt || null };
  try {
    const holder = JSON.parse(content) as Holder | null;
    return holder !== null && Number.isInteger(holder.pid) && holder.pid > 0 ? holder : undefined;
  } catch {
    return undefined;
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

async function hasEnded(holder: Holder): Promise<boolean> {
  const deadline = performance.now() + ENDING_MS;
  while (await isAlive(holder)) {
    if (performance.now() > deadline) return false;
    await pause(POLL_MS);
  }
  return true;
}

async function isAlive({ pid, startedAt }: Holder): Promise<boolean> {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const stat = await statOf(pid);
  if (stat !== undefined && ENDED_STATES.includes(stat.state)) return false;
  return startedAt === null || startedAt === (await startOf(pid));
}

/** Ended, but not collected by its parent: a zombie keeps its pid, without an init for ever. */
const ENDED_STATES: readonly string[] = ['Z', 'X'];

/** Start of a process in clock ticks since boot, with the boot's id; null off Linux. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await statOf(pid);
  if (stat === undefined) return null;
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  return `${boot.trim()}:${stat.startTicks}`;
}

/** What Linux tells of a process; undefined when it is gone, and elsewhere (proc(5)). */
async function statOf(
  pid: number,
): Promise<{ readonly state: string; readonly startTicks: string } | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fieldsAfterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fieldsAfterName[0] ?? '', startTicks: fieldsAfterName[19] ?? '' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ESRCH: it ended between opening and reading.
    if (code !== 'ENOENT' && code !== 'ESRCH') throw error;
    return undefined;
  }
}
