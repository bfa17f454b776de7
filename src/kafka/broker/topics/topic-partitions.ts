import type { FsyncMode } from '../storage/log-types.js';
import { PartitionLog } from '../storage/partition-log.js';
import type { StorageRuntime } from '../storage/storage-runtime.js';
import { allDone } from '../concurrency/all-done.js';
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

/** Closes the logs of all partitions and removes them. @throws what the file system throws */
export async function deletePartitions(topic: Topic): Promise<void> {
  const turn = takingTurns(PARTITIONS_TOGETHER);
  for (const log of topic.partitions) {
    await turn();
    await log.delete();
  }
}
