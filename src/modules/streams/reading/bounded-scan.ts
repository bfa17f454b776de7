import type { EventLog, LogRecord, PartitionReader } from '../../../kafka/log/event-log.js';

const SLICE_BYTES = 256 * 1024;
const SLICE_WAIT_MS = 1_000;

/** A stretch of a partition: from the next offset to the end as it was at the start of the scan. */
export interface Stretch {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** Reads one stretch, slice by slice, and never waits for what is to come. */
export class BoundedScan {
  /** The next offset to look at. */
  position: number;
  private readonly reader: PartitionReader;
  private records: readonly LogRecord[] = [];
  private index = 0;
  private sliceEnd: number;

  constructor(
    log: EventLog,
    topic: { readonly name: string; readonly id: string },
    private readonly stretch: Stretch,
  ) {
    this.position = stretch.from;
    this.sliceEnd = stretch.from;
    this.reader = log.read({
      topic: topic.name,
      topicId: topic.id,
      partition: stretch.partition,
      offset: stretch.from,
      maxBytes: SLICE_BYTES,
    });
  }

  get partition(): number {
    return this.stretch.partition;
  }

  get finished(): boolean {
    return this.position >= this.stretch.to;
  }

  /** The next record without taking it; undefined at the stretch's end. */
  async peek(signal: AbortSignal): Promise<LogRecord | undefined> {
    while (!this.finished && this.index === this.records.length) {
      const slice = await this.reader.next({ signal, maxWaitMs: SLICE_WAIT_MS });
      this.records = slice.records;
      this.index = 0;
      this.sliceEnd = slice.nextOffset;
      if (slice.records.length === 0) this.position = slice.nextOffset;
    }
    const next = this.records[this.index];
    if (next !== undefined && next.offset < this.stretch.to) return next;
    this.position = this.stretch.to;
    return undefined;
  }

  /** Moves past the record that `peek` showed. */
  take(): void {
    const taken = this.records[this.index]!;
    this.index += 1;
    this.position = this.index === this.records.length ? this.sliceEnd : taken.offset + 1;
  }

  close(): Promise<void> {
    return this.reader.close();
  }
}
