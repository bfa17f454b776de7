/** What a topic's configuration means to its partitions' logs. Read anew at each use. */
export interface LogConfig {
  /** A segment file is closed before it would grow beyond this many bytes. */
  readonly segmentBytes: number;
  /** A segment is closed when its first record is older than this many milliseconds. */
  readonly segmentMs: number;
  /** Age in milliseconds at which closed segments are deleted; -1 never. */
  readonly retentionMs: number;
  /** Bytes above which the oldest closed segments are deleted; -1 no bound. */
  readonly retentionBytes: number;
  readonly cleanupPolicy: CleanupPolicy;
  /** A record younger than this many milliseconds is not compacted away. */
  readonly minCompactionLagMs: number;
  /** An older record of a compacted topic is compacted however little is dirty (KIP-354). */
  readonly maxCompactionLagMs: number;
  /** How long a tombstone stays readable after the first compaction that met it. */
  readonly deleteRetentionMs: number;
  /** Compaction runs when this part of the closed bytes (0 to 1) was never compacted. */
  readonly minCleanableDirtyRatio: number;
  /** Largest batch, in bytes with its header, that is accepted. */
  readonly maxMessageBytes: number;
  readonly messageTimestampType: MessageTimestampType;
  /** A producer's time may lie so many milliseconds before the broker's. */
  readonly timestampBeforeMaxMs: number;
  /** A producer's time may lie so many milliseconds after the broker's. */
  readonly timestampAfterMaxMs: number;
}

/** `delete` by age and size, `compact` to the newest record per key, or both. */
export type CleanupPolicy = 'delete' | 'compact' | 'compact,delete';

/** Whether records keep the producer's time or get the broker's. */
export type MessageTimestampType = 'CreateTime' | 'LogAppendTime';

/** Apache Kafka's defaults for topics. */
export const DEFAULT_LOG_CONFIG: LogConfig = {
  segmentBytes: 1_073_741_824,
  segmentMs: 604_800_000,
  retentionMs: 604_800_000,
  retentionBytes: -1,
  cleanupPolicy: 'delete',
  minCompactionLagMs: 0,
  maxCompactionLagMs: 2 ** 63,
  deleteRetentionMs: 86_400_000,
  minCleanableDirtyRatio: 0.5,
  maxMessageBytes: 1_048_588,
  messageTimestampType: 'CreateTime',
  timestampBeforeMaxMs: 2 ** 63,
  timestampAfterMaxMs: 3_600_000,
};
