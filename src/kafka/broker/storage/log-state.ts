import { type CompactionPass } from './compaction-plan.js';
import { type EpochCheckpoint } from './epoch-checkpoint.js';
import { type LogHistory } from './log-history.js';
import { type LogConfig } from './log-config.js';
import { type Clock } from './log-types.js';
import { type SegmentList } from './segment-list.js';
import { type StorageRuntime } from './storage-runtime.js';
import { type LogTail } from './tail-cache.js';
import { type TransactionIndexFile } from './transaction-index-file.js';

/** What the parts of one log share. Changed only between two awaits, so that readers see it whole. */
export interface LogState {
  readonly directory: string;
  readonly runtime: StorageRuntime;
  readonly clock: Clock;
  readonly config: () => LogConfig;
  readonly leaderEpoch: number;
  readonly segments: SegmentList;
  readonly epochs: EpochCheckpoint;
  readonly tail: LogTail;
  startOffset: number;
  endOffset: number;
  history: LogHistory;
  /** That of the history's aborted transactions. */
  transactionFile: TransactionIndexFile;
  compactions: readonly CompactionPass[];
  /** Before this offset compaction may have left gaps; from it on offsets follow each other. */
  cleanedTo: number;
}
