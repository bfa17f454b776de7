import type { KeptRecord } from '../checkpoint.js';
import type { LogTruth } from '../claim.js';

/** An event as it was published; the same object wherever the model speaks of it. */
export interface ModelEvent {
  readonly id: number;
  readonly topicId: string;
  readonly offset: number;
  readonly epoch: number;
  readonly key: string | null;
  readonly record: KeptRecord;
  /** Why the log does not have it any more. */
  gone?: 'expired' | 'compacted' | 'cut' | 'deleted';
}

/** One partition's log in memory: offsets are not dense, and it can lose its begin, end and middle. */
export class LogModel {
  /** All events of all incarnations, by id. */
  readonly published: ModelEvent[] = [];
  topicId = 'topic0';
  start = 0;
  end = 0;
  private events: ModelEvent[] = [];
  private epochs = [{ epoch: 0, start: 0 }];

  /** @param skipped offsets that no record gets: markers, aborted records */
  publish(key: string | null, skipped: number): void {
    const id = this.published.length;
    const record = { key: asBytes(key), value: Buffer.from(`${id}`), headers: [], timestamp: 0 };
    const { topicId, end: offset, epoch } = this;
    const event: ModelEvent = { id, topicId, offset, epoch, key, record };
    this.published.push(event);
    this.events.push(event);
    this.end = offset + 1 + skipped;
  }

  /** Up to so many events from an offset on, and where to read on. */
  read(from: number, count: number): { events: readonly ModelEvent[]; nextOffset: number } {
    const events = this.events.filter(({ offset }) => offset >= from).slice(0, count);
    const last = events.length === count ? events.at(-1) : undefined;
    return { events, nextOffset: last === undefined ? Math.max(from, this.end) : last.offset + 1 };
  }

  at(topicId: string, offset: number): ModelEvent | undefined {
    return topicId === this.topicId
      ? this.events.find((event) => event.offset === offset)
      : undefined;
  }

  /** One of the events that are there. */
  nth(index: number): ModelEvent | undefined {
    return this.events[index % Math.max(1, this.events.length)];
  }

  eventOf(record: KeptRecord): ModelEvent | undefined {
    return this.published[Number(record.value)];
  }

  /** Retention takes what lies before the offset. */
  expire(offset: number): void {
    this.start = Math.max(this.start, Math.min(offset, this.end));
    this.lose('expired', ({ offset: of }) => of < this.start);
  }

  compact(event: ModelEvent): void {
    this.lose('compacted', (each) => each === event);
  }

  /** The log loses its end, and a new epoch begins there. */
  cut(offset: number): void {
    this.end = Math.min(this.end, Math.max(offset, this.start));
    this.lose('cut', ({ offset: of }) => of >= this.end);
    const epoch = this.epoch + 1;
    this.epochs = [
      ...this.epochs.filter(({ start }) => start < this.end),
      { epoch, start: this.end },
    ];
  }

  /** The topic is deleted and made again. */
  remake(): void {
    this.lose('deleted', () => true);
    this.topicId = `topic${this.epoch + 1}`;
    this.start = 0;
    this.end = 0;
    this.epochs = [{ epoch: this.epoch + 1, start: 0 }];
  }

  /** What Kafka answers at a claim. */
  truth(leaderEpoch: number): LogTruth {
    const { topicId, start: startOffset, end: endOffset } = this;
    const next = this.epochs.find(({ epoch }) => epoch > leaderEpoch);
    const epochEnd = leaderEpoch < 0 ? undefined : (next?.start ?? endOffset);
    return { topicId, startOffset, endOffset, epochEnd };
  }

  private get epoch(): number {
    return this.epochs.at(-1)?.epoch ?? 0;
  }

  private lose(why: ModelEvent['gone'], isLost: (event: ModelEvent) => boolean): void {
    for (const event of this.events) if (isLost(event)) event.gone = why;
    this.events = this.events.filter(({ gone }) => gone === undefined);
  }
}

const asBytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text));
