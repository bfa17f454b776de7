import { setImmediate as yieldToOthers, setTimeout as pause } from 'node:timers/promises';
import { cutBelow } from '../../kafka/log/cut-below.js';
import type { EventLog, LogSlice, PartitionReader } from '../../kafka/log/event-log.js';
import { LogOffsetOutOfRange, LogTopicGone } from '../../kafka/log/log.errors.js';
import type { PartitionName } from '../core/checkpoint.js';

/** What live reading tells its partition. */
export interface LiveReaderOwner {
  readonly name: PartitionName;
  readonly topicId: string;
  readonly liveOffset: number;
  /** Leader epoch of the newest record that was read; -1: unknown. */
  readonly leaderEpoch: number;
  /** Resolves when there is room to read on. */
  room(signal: AbortSignal): Promise<void>;
  take(slice: LogSlice): void;
  /** Retention took what was to be read: on from here. */
  passExpired(startOffset: number): void;
  /** The log is not the one that was claimed: cut, deleted or made again. */
  lost(why: string): void;
  /** Reading failed, and is tried again. */
  onFailure(error: unknown): void;
}

const SLICE_RECORDS = 500;
const SLICE_BYTES = 1024 * 1024;
const FIRST_BACK_OFF_MS = 50;
const LONGEST_BACK_OFF_MS = 2_000;

/** Reads a partition once for all subscriptions that follow live. */
export class LiveReader {
  private readonly closed = new AbortController();
  private reader: PartitionReader | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly owner: LiveReaderOwner,
  ) {}

  start(): void {
    void this.run();
  }

  close(): void {
    this.closed.abort();
    void this.dropReader();
  }

  private async run(): Promise<void> {
    const { signal } = this.closed;
    let backOff = FIRST_BACK_OFF_MS;
    while (!signal.aborted) {
      try {
        await this.owner.room(signal);
        await this.readOnce(signal);
        backOff = FIRST_BACK_OFF_MS;
      } catch (error) {
        if (signal.aborted) return;
        await this.dropReader();
        if (this.settled(error)) continue;
        if (backOff === FIRST_BACK_OFF_MS) this.owner.onFailure(error);
        await pause(backOff, undefined, { signal }).catch(() => undefined);
        backOff = Math.min(2 * backOff, LONGEST_BACK_OFF_MS);
      }
    }
  }

  private async readOnce(signal: AbortSignal): Promise<void> {
    this.reader ??= this.open();
    const slice = await this.reader.next({ signal });
    const { name, leaderEpoch, liveOffset: offset } = this.owner;
    const cut = await cutBelow(this.log.admin, { ...name, offset, leaderEpoch }, slice);
    if (signal.aborted) return;
    if (cut !== undefined) return this.lose('the log was cut and has grown again');
    this.owner.take(slice);
    await yieldToOthers();
  }

  private lose(why: string): void {
    this.closed.abort();
    void this.dropReader();
    this.owner.lost(why);
  }

  /** Whether the error is dealt with. */
  private settled(error: unknown): boolean {
    if (error instanceof LogTopicGone) {
      this.lose('the topic was deleted or made again');
      return true;
    }
    if (!(error instanceof LogOffsetOutOfRange)) return false;
    const { startOffset } = error.bounds;
    if (this.owner.liveOffset < startOffset) this.owner.passExpired(startOffset);
    else this.lose('the log was cut');
    return true;
  }

  private open(): PartitionReader {
    const { topic, partition } = this.owner.name;
    return this.log.read({
      topic,
      partition,
      offset: this.owner.liveOffset,
      topicId: this.owner.topicId,
      maxRecords: SLICE_RECORDS,
      maxBytes: SLICE_BYTES,
    });
  }

  private async dropReader(): Promise<void> {
    const { reader } = this;
    this.reader = undefined;
    await reader?.close();
  }
}
