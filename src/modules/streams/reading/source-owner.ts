import type { Gap, LogState, Reconciled } from '../../../delivery/core/position.js';
import type { PartitionSource } from './partition-source.js';

/** What a source tells and asks its reader. */
export interface SourceOwner {
  /** A slice has come. */
  onReady(): void;
  /** Reading failed and is tried again; told once until it succeeds. */
  onFailure(partition: number, error: unknown): void;
  /**
   * The position is not in the log. Records what was lost; rejects, to be asked again, while that
   * cannot be recorded.
   * @param log undefined: the topic of this id is gone
   * @returns where to go on; undefined when the partition is not the reader's any more
   */
  onLost(source: PartitionSource, log: LogState | undefined): Promise<Reconciled | undefined>;
  /** A gap was recorded, and the position stands behind it. */
  onGap(partition: number, gap: Gap): void;
}

/** How a source reads. */
export interface SourceOptions {
  readonly topic: string;
  readonly partition: number;
  readonly maxBytes: number;
  readonly maxRecords: number;
}
