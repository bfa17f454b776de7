import { randomUUID } from 'node:crypto';
import { lutimes, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { contentOf, linked, removeOnce, writeLock } from './lock-file.js';
import { hasEnded, holderIn, livesElsewhere, SIGN_MS, thisProcess } from './lock-holder.js';

const FILE = 'broker.lock';
/** Signs that are later than this may be too late. */
const LATE_MS = 2 * SIGN_MS;

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

/** The data directory was taken from this broker, which may change nothing in it any more. */
export class DataDirectoryLost extends Error {
  override readonly name = 'DataDirectoryLost';

  constructor(readonly directory: string) {
    super(
      `The data directory ${directory} is no longer this broker's: another one has taken it, ` +
        `as after a pause, or its ${FILE} was removed.`,
    );
  }
}

const heldHere = new Set<string>();

/**
 * Keeps a second broker off a data directory, by a file that names the process. It outlives
 * kill -9, so a file whose process is gone counts for nothing. A process of another container or
 * machine cannot be asked for: it is gone when it has not touched the file for 6 s. So is one whose
 * pid may be another program's by now (off Linux), or another thread's. So one that is paused for
 * longer may lose the directory; and one that found the disk full, and had no room to tell where it
 * is, to any that does not see it. It finds that out before it changes anything after a pause, and
 * within a second otherwise (as where the clock stood still too): until then two may write.
 */
export class DirectoryLock {
  private readonly loss = new AbortController();
  private readonly signs: NodeJS.Timeout;
  private lookedAt = performance.now();
  private isSigning = false;
  private hasFailed = false;
  private isReleased = false;

  private constructor(
    private readonly directory: string,
    private readonly file: string,
    /** What the lock says: no other does, but on a full disk one of this process. */
    private readonly content: string,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.signs = setInterval(() => void this.giveSign(), SIGN_MS).unref();
  }

  /**
   * @param onFailure told when signs of life begin to fail
   * @throws DataDirectoryInUse, HardLinksMissing
   */
  static async acquire(path: string, onFailure: (error: unknown) => void): Promise<DirectoryLock> {
    const directory = await realpath(path);
    if (heldHere.has(directory)) throw new DataDirectoryInUse(directory, process.pid);
    heldHere.add(directory);
    try {
      const file = join(directory, FILE);
      const content = await take(directory, file);
      const lock = new DirectoryLock(directory, file, content, onFailure);
      await lock.giveSign();
      return lock;
    } catch (error) {
      heldHere.delete(directory);
      throw error;
    }
  }

  /** Aborted, by DataDirectoryLost, when the directory is found to be another's. */
  get lost(): AbortSignal {
    return this.loss.signal;
  }

  /**
   * To be called before each change of the directory: looks whose it is where the last look is long
   * ago, as after a pause.
   * @throws DataDirectoryLost
   */
  requireHeld(): void {
    if (performance.now() - this.lookedAt > LATE_MS) this.look();
    this.lost.throwIfAborted();
  }

  /** Lets go of the directory, unless it is another's already. */
  async release(): Promise<void> {
    this.isReleased = true;
    clearInterval(this.signs);
    try {
      if (contentOf(this.file) === this.content) await rm(this.file, { force: true });
    } finally {
      heldHere.delete(this.directory);
    }
  }

  private look(): void {
    this.lookedAt = performance.now();
    let found: string | undefined;
    try {
      found = contentOf(this.file);
    } catch (error) {
      // Too many open files, for one, are no loss.
      this.tell(error);
      return;
    }
    if (found !== this.content) this.lose();
  }

  private lose(): void {
    clearInterval(this.signs);
    this.loss.abort(new DataDirectoryLost(this.directory));
  }

  /** One at a time: on a disk that hangs they would take all threads. */
  private async giveSign(): Promise<void> {
    if (this.isSigning) return;
    this.isSigning = true;
    try {
      this.look();
      const now = new Date();
      if (this.lost.aborted) return;
      await lutimes(this.file, now, now);
      this.hasFailed = false;
    } catch (error) {
      this.tell(error);
    } finally {
      this.isSigning = false;
    }
  }

  private tell(error: unknown): void {
    if (this.hasFailed || this.isReleased) return;
    this.hasFailed = true;
    this.onFailure(error);
  }
}

/** Links a complete file into place: of several brokers at once, one succeeds. Gives what it says. */
async function take(directory: string, file: string): Promise<string> {
  const id = randomUUID();
  const own = `${file}.${id}`;
  try {
    // First, as a disk may have no room for another file.
    await removeDead(directory, file);
    const content = await writeLock(own, { ...(await thisProcess()), id });
    while (!(await linked(own, file))) await removeDead(directory, file);
    return content;
  } finally {
    await rm(own, { force: true });
  }
}

/** Removes a lock that is nobody's any more. @throws DataDirectoryInUse */
async function removeDead(directory: string, file: string): Promise<void> {
  const found = contentOf(file);
  if (found === undefined) return;
  const holder = holderIn(found);
  if (holder && !(await hasEnded(holder, file))) {
    throw new DataDirectoryInUse(directory, holder.pid, await livesElsewhere(holder));
  }
  await removeOnce(file, found);
}
