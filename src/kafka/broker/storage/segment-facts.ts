/** Offsets in a segment, from its base on, are 31 bit, as Kafka's indexes have them. */
export const MAX_RELATIVE_OFFSET = 0x7fffffff;

/** What the checkpoint remembers of a segment, so that opening reads no file. */
export interface SegmentFacts {
  readonly baseOffset: number;
  readonly sizeBytes: number;
  /** Largest record time, -1 without records. */
  readonly maxTimestamp: number;
  /** Last offset of the batch that has it. */
  readonly maxTimestampOffset: number;
  /** The broker's time at the first append, Unix ms. */
  readonly createdAt: number;
}
