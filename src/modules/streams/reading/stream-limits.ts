/** Bounds of what a process spends on its readers. Times in milliseconds, sizes in bytes. */
export interface StreamLimits {
  /** Readers (connections, and long-poll readers between polls) at once. */
  readonly maxReaders: number;
  /** Bytes that all partitions of one reader may hold, shared among them. */
  readonly windowBytes: number;
  readonly minSliceBytes: number;
  readonly maxSliceRecords: number;
  /** Events in one write to a connection. */
  readonly batchEvents: number;
  readonly batchBytes: number;
  readonly heartbeatMs: number;
  /** A client that takes nothing for so long is cut off. */
  readonly stallMs: number;
  /** How long a long-poll reader keeps its partitions between two polls. */
  readonly pollIdleMs: number;
  /** How often a process with readers looks into the database. */
  readonly tickMs: number;
  /** How often new partitions are looked for. */
  readonly topicRefreshMs: number;
}

/** Fits a laptop and a small server; a reader costs at most about two windows. */
export const defaultStreamLimits: StreamLimits = {
  maxReaders: 1_000,
  windowBytes: 1024 * 1024,
  minSliceBytes: 64 * 1024,
  maxSliceRecords: 1_000,
  batchEvents: 500,
  batchBytes: 512 * 1024,
  heartbeatMs: 15_000,
  stallMs: 60_000,
  pollIdleMs: 15_000,
  tickMs: 500,
  topicRefreshMs: 5_000,
};

/** Nest injection token of the StreamLimits. */
export const STREAM_LIMITS = Symbol('StreamLimits');
