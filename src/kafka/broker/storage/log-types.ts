import { type DecompressionBudget } from '../records/compression/decompression-budget.js';
import { type BatchHeader } from '../records/batch-header.js';
import { type LogConfig } from './log-config.js';
import { type StorageRuntime } from './storage-runtime.js';

/**
 * When an append is acknowledged: `never` and `interval` after the write into the page cache
 * (survives kill -9 of the process, not a power cut); `always` after an fdatasync that covers it,
 * one at a time per log, shared by all that was written meanwhile.
 */
export type FsyncMode = 'never' | 'interval' | 'always';

/** Unix milliseconds; tests bring their own. */
export type Clock = () => number;

/** How to open a partition's log. */
export interface PartitionLogOptions {
  /** The partition's own directory; made when missing. */
  readonly directory: string;
  /** Called at each use, so that changes take effect at once. */
  readonly config: () => LogConfig;
  /** Epoch stamped on batches written from now on; raised by the broker at each start. */
  readonly leaderEpoch: number;
  readonly fsync: FsyncMode;
  /** Longest time unsynced data stays so under `interval`; 1,000 ms by default. */
  readonly fsyncIntervalMs?: number;
  readonly clock?: Clock;
  /** File handles and caches shared by all logs of a process; one of its own by default. */
  readonly runtime?: StorageRuntime;
}

/** Where an append landed. */
export interface AppendResult {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly logStartOffset: number;
  /** The broker's time in Unix ms under LogAppendTime, else -1. */
  readonly logAppendTime: number;
  /** True when an idempotent producer sent the batch again: the first one's offsets. */
  readonly duplicate: boolean;
}

/** Who appends: control batches come from the broker's transaction coordinator only. */
export interface AppendOptions {
  readonly origin?: 'client' | 'coordinator';
  /** Shared by the appends of one request; by default an append has one of its own. */
  readonly decompression?: DecompressionBudget;
  /**
   * Asked about each batch of a producer that has an id, in the same turn of the loop in which it is
   * appended: what it throws refuses the append.
   */
  readonly admit?: (header: BatchHeader) => void;
}

/** How to read. */
export interface ReadOptions {
  /** When false, a first batch larger than `maxBytes` gives an empty buffer. Default true. */
  readonly atLeastOneBatch?: boolean;
}

/** What a committed read gave. */
export interface CommittedRead {
  /** Whole batches, those of aborted transactions too. */
  readonly records: Buffer;
  /** The aborted transactions to which some of them may belong. */
  readonly abortedTransactions: readonly AbortedTransaction[];
}

/** A record's place by time. */
export interface OffsetAtTime {
  readonly offset: number;
  readonly timestamp: number;
  readonly leaderEpoch: number;
}

/** Answer of OffsetForLeaderEpoch. */
export interface EpochEnd {
  /** Largest epoch of the log that is not above the asked one. */
  readonly leaderEpoch: number;
  /** First offset after that epoch. */
  readonly endOffset: number;
}

/** An aborted transaction, as fetch responses list it. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Offset of the abort marker. */
  readonly lastOffset: number;
}

/** An idempotent producer as the log knows it (DescribeProducers). */
export interface ProducerDescription {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  /** First offset of its open transaction, -1 without one. */
  readonly currentTransactionStartOffset: number;
  readonly coordinatorEpoch: number;
}

/** What a run of cleaning did. */
export interface CleanResult {
  readonly deletedSegments: number;
  readonly compacted: boolean;
}
