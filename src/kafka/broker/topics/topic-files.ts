import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, writeFileAtomically } from './write-file-atomically.js';
import type { TopicRecord } from './topic.js';

const RECORD = 'topic.json';

/**
 * Topics on disk: `<directory>/<topic id>/topic.json`, and a directory per partition beside it.
 * A directory without `topic.json` is a creation or deletion that a crash cut short.
 */
export class TopicFiles {
  constructor(
    private readonly directory: string,
    private readonly durable: boolean,
  ) {}

  partitionDirectory(topicId: string, partition: number): string {
    return join(this.directory, topicId, String(partition));
  }

  /** All topics; removes what a crash left half made or half deleted. */
  async load(): Promise<readonly TopicRecord[]> {
    await mkdir(this.directory, { recursive: true });
    const records: TopicRecord[] = [];
    for (const id of await readdir(this.directory)) {
      const record = await this.loadOne(id);
      if (record) records.push(record);
      else await this.removeRest(id);
    }
    await this.sync(this.directory);
    return records;
  }

  private async loadOne(id: string): Promise<TopicRecord | undefined> {
    try {
      return JSON.parse(await readFile(join(this.directory, id, RECORD), 'utf8')) as TopicRecord;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async save(record: TopicRecord): Promise<void> {
    const directory = join(this.directory, record.id);
    await mkdir(directory, { recursive: true });
    await this.sync(this.directory);
    await writeFileAtomically(join(directory, RECORD), JSON.stringify(record), this.durable);
  }

  /** To be called once partitions' directories were made: their names are to outlive a power cut. */
  async partitionsMade(id: string): Promise<void> {
    await this.sync(join(this.directory, id));
  }

  /** Removes partitions, from one number up to another, that were not made whole. */
  async removePartitions(id: string, from: number, to: number): Promise<void> {
    for (let partition = from; partition < to; partition++) {
      await rm(this.partitionDirectory(id, partition), { recursive: true, force: true });
    }
  }

  /** From here on the topic is gone, whatever else is left of it. */
  async removeRecord(id: string): Promise<void> {
    await rm(join(this.directory, id, RECORD), { force: true });
    // Else a power cut could bring back the topic without its records.
    await this.sync(join(this.directory, id));
  }

  async removeRest(id: string): Promise<void> {
    await rm(join(this.directory, id), { recursive: true, force: true });
  }

  private async sync(directory: string): Promise<void> {
    if (this.durable) await syncDirectory(directory);
  }
}
