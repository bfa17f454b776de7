import {
  type AbortedTransaction,
  type AppendOptions,
  type AppendResult,
  type CleanResult,
  type EpochEnd,
  type OffsetAtTime,
  type PartitionLogOptions,
  type ProducerDescription,
  type ReadOptions,
} from './log-types.js';

const soon = (): never => {
  throw new Error('not built yet');
};

/** One partition's record batches in segment files. */
export class PartitionLog {
  /** Opens or makes the log and recovers it after a crash. */
  static open(_options: PartitionLogOptions): Promise<PartitionLog> {
    return soon();
  }
  /** First offset still held. */
  get startOffset(): number {
    return soon();
  }
  /** Log end: the next record's offset. */
  get endOffset(): number {
    return soon();
  }
  /** First offset that may not be read yet. */
  get highWatermark(): number {
    return soon();
  }
  /** First offset of the earliest open transaction, else the high watermark. */
  get lastStableOffset(): number {
    return soon();
  }
  get leaderEpoch(): number {
    return soon();
  }
  get sizeBytes(): number {
    return soon();
  }
  /** Appends whole batches; patches offsets and epoch in place (the buffer belongs to the log from here on). */
  append(_batches: Buffer, _options?: AppendOptions): Promise<AppendResult> {
    return soon();
  }
  /** Whole batches from the one that contains `offset`; empty at the end. @throws OffsetOutOfRange */
  read(_offset: number, _maxBytes: number, _options?: ReadOptions): Promise<Buffer> {
    return soon();
  }
  /** First record with this time or later. */
  offsetForTimestamp(_timestamp: number): Promise<OffsetAtTime | undefined> {
    return soon();
  }
  /** The record with the largest time. */
  maxTimestamp(): Promise<OffsetAtTime | undefined> {
    return soon();
  }
  epochEnd(_epoch: number): EpochEnd | undefined {
    return soon();
  }
  /** Aborted transactions that overlap [from, to). */
  abortedTransactions(_from: number, _to: number): readonly AbortedTransaction[] {
    return soon();
  }
  producers(): readonly ProducerDescription[] {
    return soon();
  }
  /** DeleteRecords; returns the new start offset. @throws OffsetOutOfRange */
  deleteRecordsBefore(_offset: number): Promise<number> {
    return soon();
  }
  /** Cuts everything from `offset` on. */
  truncate(_offset: number): Promise<void> {
    return soon();
  }
  /** Called (synchronously) each time the high watermark moved; returns the way to stop. */
  onAppend(_listener: () => void): () => void {
    return soon();
  }
  /** Waits until everything written is on the disk. */
  flush(): Promise<void> {
    return soon();
  }
  /** One run of retention and compaction. */
  cleanOnce(_now?: number): Promise<CleanResult> {
    return soon();
  }
  close(): Promise<void> {
    return soon();
  }
  /** Closes and removes the directory. */
  delete(): Promise<void> {
    return soon();
  }
}
