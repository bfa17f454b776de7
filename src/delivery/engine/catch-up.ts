import { setImmediate as yieldToOthers, setTimeout as pause } from 'node:timers/promises';
import { WakeUp } from '../../common/wake-up.js';
import type { EventLog, LogSlice, PartitionReader } from '../../kafka/log/event-log.js';
import { LogOffsetOutOfRange, LogTopicGone } from '../../kafka/log/log.errors.js';
import type { GapReason } from '../../kafka/contracts/delivery-shapes.js';
import type { Clock } from '../../common/clock.js';
import type { Lane } from '../core/lane.js';
import { nameOf, type PartitionName } from '../core/checkpoint.js';
import type { DeliveryLog } from './ports.js';
import { ReadEvent } from './read-event.js';

const SLICE_RECORDS = 256;
const SLICE_BYTES = 256 * 1024;
/** Who waits is woken; this is for a wake-up that nobody thought of. */
const LONGEST_SLEEP_MS = 30_000;
const FIRST_BACK_OFF_MS = 50;
const LONGEST_BACK_OFF_MS = 2_000;
/** What waits longer than this to be sent shows that the receiver does not keep up. */
const KEEPS_UP_MS = 500;

/** A lane as its catching up sees it. */
export interface CatchUpLane {
  readonly lane: Lane;
  readonly subscriptionUid: string;
  readonly partitionName: PartitionName;
  readonly topicId: string;
  readonly followsLive: boolean;
  readonly owner: {
    readonly liveOffset: number;
    readonly mayDeliver: boolean;
    readonly eventLog: EventLog;
    readonly clock: Clock;
    readonly log: DeliveryLog;
  };
  readonly subscriber: {
    /** Whether there is a chance that something may be sent. */
    readonly readsOn: boolean;
    pump(): void;
  };
  offer(read: ReadEvent, readAt: number): boolean;
}

/**
 * Reads for one subscription in one partition what live reading has passed, until it meets live
 * again: it never reads beyond where live is, so the change-over is at one offset.
 */
export class CatchUp {
  private readonly wakeUp = new WakeUp();
  private readonly closed = new AbortController();
  private running = false;
  private reader: PartitionReader | undefined;
  private readerAt = -1;

  constructor(private readonly owned: CatchUpLane) {}

  /** Reads on while the lane is behind; a reader that is at work goes on. */
  begin(): void {
    this.wakeUp.wake();
    if (this.running || this.owned.followsLive || this.closed.signal.aborted) return;
    this.running = true;
    void this.run().finally(() => {
      this.running = false;
      if (!this.owned.followsLive) this.begin();
    });
  }

  /** An attempt ended: there may be room to read on, or nothing left but to meet live. */
  wake(): void {
    const { lane, owner } = this.owned;
    if (!this.running || this.owned.followsLive) return;
    if (lane.place.nextOffset >= owner.liveOffset || this.mayRead()) this.wakeUp.wake();
  }

  close(): void {
    this.closed.abort();
    void this.dropReader();
  }

  private get signal(): AbortSignal {
    return this.closed.signal;
  }

  private async run(): Promise<void> {
    let backOff = FIRST_BACK_OFF_MS;
    while (!this.signal.aborted && !this.rejoined()) {
      if (!this.mayRead()) {
        await this.dropReader();
        await this.wakeUp.wait(LONGEST_SLEEP_MS, this.signal);
        continue;
      }
      try {
        await this.readOnce();
        backOff = FIRST_BACK_OFF_MS;
      } catch (error) {
        if (this.signal.aborted || this.jumped(error)) continue;
        await this.dropReader();
        if (backOff === FIRST_BACK_OFF_MS) this.warn(error);
        await pause(backOff, undefined, { signal: this.signal }).catch(() => undefined);
        backOff = Math.min(2 * backOff, LONGEST_BACK_OFF_MS);
      }
    }
    await this.dropReader();
  }

  private warn(error: unknown): void {
    const { partitionName, subscriptionUid, owner } = this.owned;
    const at = `${nameOf(partitionName)} from ${this.owned.lane.place.nextOffset}`;
    owner.log.warn(`${at} is not read for ${subscriptionUid} at the moment: ${String(error)}`);
  }

  private mayRead(): boolean {
    const { lane, owner, subscriber } = this.owned;
    if (lane.place.nextOffset >= owner.liveOffset) return false;
    return lane.wantsMore && subscriber.readsOn && owner.mayDeliver;
  }

  private rejoined(): boolean {
    const { lane, owner, subscriber } = this.owned;
    if (lane.place.followsLive) return true;
    const keepsUpSince = owner.clock.monotonicMs() - KEEPS_UP_MS;
    if (!subscriber.readsOn || !lane.canRejoin(owner.liveOffset, keepsUpSince)) return false;
    lane.rejoin(owner.liveOffset);
    return true;
  }

  private async readOnce(): Promise<void> {
    const { lane } = this.owned;
    const at = lane.place.nextOffset;
    const reader = await this.readerFrom(at);
    const slice = await reader.next({ signal: this.signal, maxWaitMs: 0 });
    // The reader stands behind the slice, whether that is taken or not.
    this.readerAt = slice.nextOffset;
    // It may have been sent elsewhere meanwhile; then this slice is not its next.
    if (this.signal.aborted || lane.place.followsLive || lane.place.nextOffset !== at) return;
    this.take(slice, at);
    // What live has read must be there: a log that does not give it is asked again later.
    if (slice.nextOffset <= at) await pause(FIRST_BACK_OFF_MS, undefined, { signal: this.signal });
    await yieldToOthers();
  }

  private take(slice: LogSlice, at: number): void {
    const { lane, owner, subscriber } = this.owned;
    const readAt = owner.clock.monotonicMs();
    for (const record of slice.records) {
      if (record.offset >= owner.liveOffset) break;
      this.owned.offer(ReadEvent.of(record), readAt);
    }
    const next = Math.min(Math.max(slice.nextOffset, at), owner.liveOffset);
    lane.place.passTo(next);
    subscriber.pump();
  }

  private async readerFrom(offset: number): Promise<PartitionReader> {
    if (this.reader !== undefined && this.readerAt === offset) return this.reader;
    await this.dropReader();
    const { topic, partition } = this.owned.partitionName;
    this.reader = this.owned.owner.eventLog.read({
      topic,
      partition,
      offset,
      topicId: this.owned.topicId,
      maxRecords: SLICE_RECORDS,
      maxBytes: SLICE_BYTES,
    });
    this.readerAt = offset;
    return this.reader;
  }

  private async dropReader(): Promise<void> {
    const { reader } = this;
    this.reader = undefined;
    this.readerAt = -1;
    await reader?.close();
  }

  /** Events that are gone become a recorded gap, and reading goes on behind it. */
  private jumped(error: unknown): boolean {
    if (error instanceof LogTopicGone || !(error instanceof LogOffsetOutOfRange)) return false;
    const { lane, owner } = this.owned;
    const { startOffset } = error.bounds;
    const at = lane.place.nextOffset;
    // Past the end: the log was cut, which is set right when the partition is claimed again.
    if (at >= startOffset) return false;
    this.passGap('expired', at, Math.min(startOffset, owner.liveOffset));
    return true;
  }

  private passGap(reason: GapReason, from: number, to: number): void {
    const { lane } = this.owned;
    lane.recordGap({ reason, topicId: this.owned.topicId, from, to });
    lane.jump(to, lane.place.reason ?? 'full');
    void this.dropReader();
  }
}
