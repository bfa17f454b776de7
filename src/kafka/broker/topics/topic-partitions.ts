import type { FsyncMode } from '../storage/log-types.js';
import { PartitionLog } from '../storage/partition-log.js';
import type { StorageRuntime } from '../storage/storage-runtime.js';
import { allDone } from '../concurrency/all-done.js';
import { oneByOne } from '../concurrency/one-by-one.js';
import { takingTurns } from '../concurrency/taking-turns.js';
import type { TopicFiles } from './topic-files.js';
import type { Topic } from './topic.js';

/** Each takes files to be opened: ten thousand would keep every client waiting. */
const PARTITIONS_TOGETHER = 32;

/** What all partitions' logs are opened with. */
export interface PartitionSettings {
  readonly leaderEpoch: number;
  readonly fsync: FsyncMode;
  readonly runtime: StorageRuntime;
}

/**
 * Opens or makes the partitions that the topic does not have yet: all of them or none.
 * @throws what the file system throws; no log is open then
 */
export async function openPartitions(
  topic: Topic,
  total: number,
  files: TopicFiles,
  { leaderEpoch, fsync, runtime }: PartitionSettings,
): Promise<readonly PartitionLog[]> {
  const opened: PartitionLog[] = [];
  const turn = takingTurns(PARTITIONS_TOGETHER);
  try {
    for (let partition = topic.partitions.length; partition < total; partition++) {
      await turn();
      const directory = files.partitionDirectory(topic.id, partition);
      const config = () => topic.logConfig;
      opened.push(await PartitionLog.open({ directory, config, leaderEpoch, fsync, runtime }));
    }
    await files.partitionsMade(topic.id);
  } catch (error) {
    await allDone(opened.map((log) => log.close()));
    throw error;
  }
  return opened;
}

/**
 * Makes the partitions that a topic is to have more, up to a new total, and keeps that total.
 * @throws what the file system throws; none is open then, nor left where that can be removed
 */
export async function makePartitions(
  topic: Topic,
  total: number,
  files: TopicFiles,
  settings: PartitionSettings,
): Promise<readonly PartitionLog[]> {
  let made: readonly PartitionLog[] = [];
  try {
    made = await openPartitions(topic, total, files, settings);
    const record = topic.toRecord();
    await files.replace(record, { ...record, partitions: total });
  } catch (error) {
    // Why it failed is what matters. What stays is empty, and opened when they are made again.
    await deletePartitions(made).catch(() => undefined);
    const { id, partitions } = topic;
    await files.removePartitions(id, partitions.length, total).catch(() => undefined);
    throw error;
  }
  return made;
}

/**
 * Closes and removes what there is of a topic. Its record goes first: whatever stays then, the next
 * start removes.
 * @throws what the file system throws; no log is open then
 */
export async function discardTopic(topic: Topic, files: TopicFiles): Promise<void> {
  try {
    await files.removeRecord(topic.id);
  } finally {
    await deletePartitions(topic.partitions);
  }
  await files.removeRest(topic.id);
}

/**
 * Closes logs and removes them, also where it fails with some.
 * @throws what the file system threw first, at the end
 */
async function deletePartitions(logs: readonly PartitionLog[]): Promise<void> {
  const turn = takingTurns(PARTITIONS_TOGETHER);
  const deletion = oneByOne(logs, async (log) => {
    await turn();
    await log.delete();
  });
  await deletion.catch(({ errors: [first] }: AggregateError) => Promise.reject(first));
}
