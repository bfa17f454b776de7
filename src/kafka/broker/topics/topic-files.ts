import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFiles } from '../storage/files.js';
import { parseKept } from './damaged-file.js';
import { writeFileAtomically } from './write-file-atomically.js';
import type { TopicRecord } from './topic.js';

const RECORD = 'topic.json';

/** Two directories hold a topic of one name: which of them clients mean, only people can tell. */
export class TopicKeptTwice extends Error {
  override readonly name = 'TopicKeptTwice';

  constructor(
    readonly topic: string,
    readonly directories: readonly string[],
  ) {
    super(
      `The topic ${topic} is kept twice, in ${directories.join(' and ')}: ` +
        'move one of them out of the data directory.',
    );
  }
}

/**
 * A directory holds a topic that belongs in another one: it is a copy of that, or was renamed.
 * A topic's records are looked for in the directory that its id names.
 */
export class TopicMisplaced extends Error {
  override readonly name = 'TopicMisplaced';

  constructor(
    readonly topic: string,
    readonly directory: string,
    readonly rightDirectory: string,
  ) {
    super(
      `The directory ${directory} holds the topic ${topic}, which belongs in ${rightDirectory}: ` +
        'give it that name if there is none, otherwise move it out of the data directory.',
    );
  }
}

/**
 * Topics on disk: `<directory>/<topic id>/topic.json`, and a directory per partition beside it.
 * A directory that is named by an id, but has no `topic.json`, is a creation or deletion that a
 * crash cut short. What else lies there is somebody else's (a backup, `lost+found`).
 */
export class TopicFiles {
  constructor(
    private readonly directory: string,
    private readonly durable: boolean,
    /** Called before each change; what it throws refuses it. */
    private readonly guard: () => void,
  ) {}

  partitionDirectory(topicId: string, partition: number): string {
    return join(this.directory, topicId, String(partition));
  }

  /**
   * All topics; removes what a crash left half made or half deleted.
   * @throws TopicKeptTwice, TopicMisplaced, DamagedFile
   */
  async load(): Promise<readonly TopicRecord[]> {
    await mkdir(this.directory, { recursive: true });
    const byName = new Map<string, TopicRecord>();
    for (const id of await readdir(this.directory)) {
      const record = await this.loadOne(id);
      if (record) this.addOnce(byName, record);
      else if (await this.isRest(id)) await this.removeRest(id);
    }
    await this.sync(this.directory);
    return [...byName.values()];
  }

  private addOnce(byName: Map<string, TopicRecord>, record: TopicRecord): void {
    const other = byName.get(record.name);
    if (other) {
      const directories = [other, record].map(({ id }) => join(this.directory, id));
      throw new TopicKeptTwice(record.name, directories);
    }
    byName.set(record.name, record);
  }

  private async loadOne(id: string): Promise<TopicRecord | undefined> {
    const directory = join(this.directory, id);
    const record = await readRecord(join(directory, RECORD)).catch((error: unknown) => {
      // A file, what only others may look into, or what they mean by that name.
      if (isMissing(error) || !isTopicId(id)) return undefined;
      throw error;
    });
    if (record === undefined || record.id === id) return record;
    throw new TopicMisplaced(record.name, directory, join(this.directory, record.id));
  }

  /** Whether that, which is no topic, is what a crash left of one. */
  private async isRest(id: string): Promise<boolean> {
    return isTopicId(id) && (await lstat(join(this.directory, id))).isDirectory();
  }

  async save(record: TopicRecord): Promise<void> {
    this.guard();
    const directory = join(this.directory, record.id);
    await mkdir(directory, { recursive: true });
    await this.sync(this.directory);
    await writeFileAtomically(join(directory, RECORD), JSON.stringify(record), this.durable);
  }

  /** Saves a record in the place of another, which stays where that fails: also late, with the sync. */
  async replace(former: TopicRecord, record: TopicRecord): Promise<void> {
    try {
      await this.save(record);
    } catch (error) {
      // Why it failed is what matters; mostly the former one is still there.
      await this.save(former).catch(() => undefined);
      throw error;
    }
  }

  /** To be called once partitions' directories were made: their names are to outlive a power cut. */
  async partitionsMade(id: string): Promise<void> {
    await this.sync(join(this.directory, id));
  }

  /** Removes partitions, from one number up to another, that were not made whole. */
  async removePartitions(id: string, from: number, to: number): Promise<void> {
    for (let partition = from; partition < to; partition++) {
      this.guard();
      await rm(this.partitionDirectory(id, partition), { recursive: true, force: true });
    }
  }

  /** From here on the topic is gone, whatever else is left of it. */
  async removeRecord(id: string): Promise<void> {
    this.guard();
    await rm(join(this.directory, id, RECORD), { force: true });
  }

  /** To be called before its records go: a power cut could bring back the topic without them. */
  async recordRemoved(id: string): Promise<void> {
    await this.sync(join(this.directory, id));
  }

  /** All that there is; its record first, so that a crash leaves no part that looks whole. */
  async removeRest(id: string): Promise<void> {
    await this.removeRecord(id);
    this.guard();
    await rm(join(this.directory, id), { recursive: true, force: true });
  }

  private async sync(directory: string): Promise<void> {
    if (this.durable) await nodeFiles.syncPath(directory);
  }
}

/** @throws DamagedFile, and what the file system throws */
async function readRecord(file: string): Promise<TopicRecord> {
  return parseKept<TopicRecord>(file, await readFile(file, 'utf8'), isTopicRecord);
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function isTopicId(name: string): boolean {
  return /^[\da-f]{32}$/.test(name);
}

function isTopicRecord({ name, id, partitions, configs }: Partial<TopicRecord>): boolean {
  const isNamed = typeof name === 'string' && typeof id === 'string' && isTopicId(id);
  return isNamed && Number.isSafeInteger(partitions) && typeof configs === 'object' && !!configs;
}
