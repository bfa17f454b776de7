import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DirectoryLock } from './directory-lock.js';
import { nodeFiles } from './storage/files.js';
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

  /** @throws DataDirectoryInUse while another broker runs on it. */
  static async open(path: string, durable: boolean): Promise<DataDirectory> {
    const made = await mkdir(path, { recursive: true });
    if (made !== undefined && durable) await nodeFiles.syncPath(dirname(made));
    const lock = await DirectoryLock.acquire(path);
    try {
      const file = join(path, FILE);
      const former = await load(file);
      const identity: Identity = {
        clusterId: former?.clusterId ?? randomBytes(16).toString('base64url'),
        leaderEpoch: (former?.leaderEpoch ?? -1) + 1,
      };
      await replaceSmallFile(file, JSON.stringify(identity), durable);
      return new DataDirectory(identity.clusterId, identity.leaderEpoch, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  release(): Promise<void> {
    return this.lock.release();
  }
}

async function load(file: string): Promise<Identity | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Identity;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
