import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DirectoryLock } from './directory-lock.js';
import { nodeFiles } from './storage/files.js';
import { parseKept } from './topics/damaged-file.js';
import { replaceSmallFile } from './topics/write-file-atomically.js';

const FILE = 'broker.json';

interface Identity {
  readonly clusterId: string;
  readonly leaderEpoch: number;
}

/** The data directory of a running broker: locked, with the cluster's id and the leader epoch. */
export class DataDirectory {
  private constructor(
    readonly clusterId: string,
    /** One more than at the start before, so that clients notice a log that was cut. */
    readonly leaderEpoch: number,
    private readonly lock: DirectoryLock,
  ) {}

  /**
   * @param onFailure told when it becomes unsure that others see that this broker runs
   * @throws DataDirectoryInUse while another broker runs on it; HardLinksMissing, DamagedFile
   */
  static async open(
    path: string,
    durable: boolean,
    onFailure: (error: unknown) => void,
  ): Promise<DataDirectory> {
    await make(resolve(path), durable);
    const lock = await DirectoryLock.acquire(path, onFailure);
    try {
      const file = join(path, FILE);
      const former = await load(file);
      const identity: Identity = {
        clusterId: former?.clusterId ?? randomBytes(16).toString('base64url'),
        leaderEpoch: (former?.leaderEpoch ?? -1) + 1,
      };
      lock.requireHeld();
      await replaceSmallFile(file, JSON.stringify(identity), durable);
      return new DataDirectory(identity.clusterId, identity.leaderEpoch, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Aborted, by DataDirectoryLost, when it is found to be another broker's. */
  get lost(): AbortSignal {
    return this.lock.lost;
  }

  /** To be called before each change in it. @throws DataDirectoryLost */
  requireHeld(): void {
    this.lock.requireHeld();
  }

  /** Lets go of it, unless it is another broker's already. */
  release(): Promise<void> {
    return this.lock.release();
  }
}

/**
 * Makes a directory, and those above it that are missing; durably: each of their names is to last,
 * also that of one which a start has made that did not come to this.
 */
async function make(path: string, durable: boolean): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (!durable) return;
  for (let made = path; ; made = dirname(made)) {
    await nodeFiles.syncPath(dirname(made)).catch((error: unknown) => {
      // What has long been there may be mounted where this user can sync nothing.
      if (first !== undefined) throw error;
    });
    if (made === (first ?? path)) return;
  }
}

async function load(file: string): Promise<Identity | undefined> {
  try {
    return parseKept<Identity>(file, await readFile(file, 'utf8'), isIdentity);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const isIdentity = ({ clusterId, leaderEpoch }: Partial<Identity>): boolean =>
  typeof clusterId === 'string' && clusterId !== '' && isCount(leaderEpoch);

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
