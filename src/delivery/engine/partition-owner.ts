/** Long because it is one partition's whole state: its lanes, its window, its checkpoints. */
import { groupBy } from '../../common/group-by.js';
import { WakeUp } from '../../common/wake-up.js';
import type { LogSlice } from '../../kafka/log/event-log.js';
import { Backlog, type BacklogLimits } from '../core/backlog.js';
import type {
  LaneRow,
  PartitionCheckpoint,
  PartitionName,
  StoredException,
} from '../core/checkpoint.js';
import type { ReconciledClaim } from '../core/claim.js';
import type { LaneChanges } from '../core/lane-journal.js';
import { LiveReader, type LiveReaderOwner } from './live-reader.js';
import { OwnedLane, type LaneOwner } from './owned-lane.js';
import { ReadEvent } from './read-event.js';
import type { Subscriber } from './subscriber.js';
import type { TopicSubscribers } from './topic-subscribers.js';

/** Sequence of the checkpoint that the claim itself writes. */
export const CLAIM_SEQUENCE = 1;

/** What a partition was claimed as. */
export interface PartitionClaim {
  readonly name: PartitionName;
  readonly topicId: string;
  readonly ownerEpoch: number;
  readonly reconciled: ReconciledClaim;
  readonly counts: ReadonlyMap<string, number>;
}

/** What a partition needs of the process. */
export interface PartitionServices extends Pick<
  LaneOwner,
  'eventLog' | 'clock' | 'log' | 'laneLimits'
> {
  readonly backlogLimits: BacklogLimits;
  /** Whether the process may be sure of its membership in the group. */
  readonly mayDeliver: () => boolean;
  readonly subscribers: TopicSubscribers;
  /** The partition has to be claimed anew: its log is another one. */
  readonly onLogLost: (owner: PartitionOwner) => void;
}

/** What is stored of a subscription in a partition. */
interface StoredLane {
  readonly row?: LaneRow | undefined;
  readonly exceptions: readonly StoredException[];
}

function storedLanesOf({ reconciled }: PartitionClaim): Map<string, StoredLane> {
  const stored = new Map<string, StoredLane>();
  for (const row of reconciled.lanes) stored.set(row.subscriptionUid, { row, exceptions: [] });
  const kept = groupBy(reconciled.exceptions, ({ subscriptionUid }) => subscriptionUid);
  for (const [uid, exceptions] of kept) stored.set(uid, { ...stored.get(uid), exceptions });
  return stored;
}

/** A checkpoint, and the lanes' parts of it. */
export interface OwnedCheckpoint {
  readonly checkpoint: PartitionCheckpoint;
  readonly parts: readonly (readonly [OwnedLane, LaneChanges])[];
}

/** A partition that this process owns: reads it once, and keeps its floor and its lanes. */
export class PartitionOwner implements LaneOwner, LiveReaderOwner {
  readonly name: PartitionName;
  readonly topicId: string;
  private readonly lanes = new Map<string, OwnedLane>();
  private readonly live: LiveReader;
  private readonly backlog: Backlog;
  private readonly roomMade = new WakeUp();
  /** What is stored of subscriptions that this process has not heard of yet. */
  private readonly unclaimed: Map<string, StoredLane>;
  private reads: number;
  private lastEpoch: number;
  private sequence = CLAIM_SEQUENCE;
  private storedFloor: number;
  private ending = false;

  constructor(
    private readonly claim: PartitionClaim,
    private readonly services: PartitionServices,
  ) {
    const { reconciled } = claim;
    this.name = claim.name;
    this.topicId = claim.topicId;
    this.reads = reconciled.floor;
    this.lastEpoch = reconciled.leaderEpoch;
    this.backlog = new Backlog(services.backlogLimits);
    this.live = new LiveReader(services.eventLog, this);
    this.storedFloor = reconciled.floor;
    this.unclaimed = storedLanesOf(claim);
  }

  get eventLog(): LaneOwner['eventLog'] {
    return this.services.eventLog;
  }
  get clock(): LaneOwner['clock'] {
    return this.services.clock;
  }
  get log(): LaneOwner['log'] {
    return this.services.log;
  }
  get laneLimits(): LaneOwner['laneLimits'] {
    return this.services.laneLimits;
  }
  get liveOffset(): number {
    return this.reads;
  }
  get mayDeliver(): boolean {
    return !this.ending && this.services.mayDeliver();
  }
  /** The stored floor. */
  get floor(): number {
    return this.storedFloor;
  }
  get inFlight(): number {
    let count = 0;
    for (const { inFlight } of this.lanes.values()) count += inFlight;
    return count;
  }
  /** Leader epoch of the newest record that was read; -1: unknown. */
  get leaderEpoch(): number {
    return this.lastEpoch;
  }
  /** Events read and not behind the stored floor. */
  get pending(): number {
    return this.backlog.size;
  }

  /** Makes the lanes of all subscriptions, and begins to read. */
  start(): void {
    for (const subscriber of this.services.subscribers) this.add(subscriber);
    this.live.start();
  }

  /** A subscription that is new, or that this process hears of late: its place is stored then. */
  add(subscriber: Subscriber): void {
    const { uid } = subscriber.state;
    if (this.lanes.has(uid)) return;
    const stored = this.unclaimed.get(uid);
    this.unclaimed.delete(uid);
    this.addLane(subscriber, stored?.row, stored?.exceptions ?? []);
  }

  remove(uid: string): void {
    this.lanes.get(uid)?.close();
    this.lanes.delete(uid);
  }

  /** Exceptions that somebody asked to be sent again. */
  redrive(stored: readonly StoredException[]): void {
    const now = this.clock.monotonicMs();
    for (const one of stored) {
      const owned = this.lanes.get(one.subscriptionUid);
      if (owned !== undefined) owned.lane.restore(one, now);
      else this.keepUnclaimed(one);
    }
    for (const { subscriptionUid } of stored) this.lanes.get(subscriptionUid)?.subscriber.pump();
  }

  recount(uid: string, rows: number): void {
    this.lanes.get(uid)?.recount(rows);
  }

  async room(signal: AbortSignal): Promise<void> {
    while (this.backlog.full && !signal.aborted) await this.roomMade.wait(1_000, signal);
  }

  take(slice: LogSlice): void {
    const readAt = this.clock.monotonicMs();
    const touched = new Set<Subscriber>();
    let bytes = 0;
    for (const record of slice.records) {
      bytes += (record.value?.length ?? 0) + (record.key?.length ?? 0);
      const read = ReadEvent.of(record);
      for (const subscriber of this.services.subscribers.candidates(read)) {
        const lane = this.lanes.get(subscriber.state.uid);
        if (lane?.followsLive !== true) continue;
        if (lane.offer(read, readAt)) touched.add(subscriber);
      }
    }
    this.reads = Math.max(this.reads, slice.nextOffset);
    // Never back: what was read again would make the next claim take the log for a cut one.
    this.lastEpoch = Math.max(this.lastEpoch, slice.leaderEpoch);
    this.backlog.add({ nextOffset: this.reads, records: slice.records.length, bytes });
    for (const subscriber of touched) subscriber.pump();
    for (const lane of this.lanes.values()) if (!lane.followsLive) lane.progressed();
  }

  passExpired(startOffset: number): void {
    const gap = {
      reason: 'expired',
      topicId: this.topicId,
      from: this.reads,
      to: startOffset,
    } as const;
    for (const lane of this.lanes.values()) if (lane.followsLive) lane.lane.recordGap(gap);
    this.reads = startOffset;
  }

  lost(why: string): void {
    this.log.warn(`${this.name.topic}/${this.name.partition}: ${why}`);
    this.services.onLogLost(this);
  }

  onFailure(error: unknown): void {
    const { topic, partition } = this.name;
    this.log.warn(`${topic}/${partition} is not read at the moment: ${String(error)}`);
  }

  /** What is to be stored now; undefined: nothing. */
  nextCheckpoint(): OwnedCheckpoint | undefined {
    const { laneLimits, clock } = this;
    const readBefore = clock.monotonicMs() - laneLimits.settleWithinMs;
    for (const lane of this.lanes.values()) {
      lane.lane.review(readBefore, this.reads);
      if (!lane.followsLive && lane.subscriber.readsOn) lane.progressed();
    }
    const floor = this.presentFloor();
    const moved = floor !== this.storedFloor;
    const news = [...this.lanes.values()].filter(
      ({ lane }) => lane.hasNews || (moved && lane.hasDone),
    );
    if (!moved && news.length === 0) return undefined;
    return this.checkpointOf(floor, news);
  }

  stored({ checkpoint, parts }: OwnedCheckpoint): void {
    this.storedFloor = checkpoint.floor;
    this.backlog.passed(checkpoint.floor);
    this.roomMade.wake();
    for (const [lane, changes] of parts) {
      lane.lane.stored(changes);
      if (changes.written.length > 0) lane.subscriber.pump();
    }
  }

  notStored({ parts }: OwnedCheckpoint): void {
    for (const [lane, changes] of parts) lane.lane.notStored(changes);
  }

  /** Reads and sends nothing more; attempts under way go on. */
  stopTaking(): void {
    this.ending = true;
    this.live.close();
  }

  /**
   * Before it is handed over: whoever waits for something gets a place of its own, so that the next
   * owner begins for all others behind everything that they have had.
   */
  partLanes(): void {
    for (const { lane } of this.lanes.values()) {
      const { followsLive, lowestUnsettled } = lane.place;
      if (followsLive && lowestUnsettled !== undefined) lane.goBehind('full', this.reads);
    }
  }

  /** Lets go of everything at once; what is not stored is its next owner's. */
  drop(): void {
    this.stopTaking();
    for (const lane of this.lanes.values()) lane.close();
    this.lanes.clear();
  }

  private keepUnclaimed(one: StoredException): void {
    const { row, exceptions } = this.unclaimed.get(one.subscriptionUid) ?? { exceptions: [] };
    this.unclaimed.set(one.subscriptionUid, { row, exceptions: [...exceptions, one] });
  }

  private addLane(
    subscriber: Subscriber,
    row: LaneRow | undefined,
    exceptions: readonly StoredException[],
  ): void {
    const { uid } = subscriber.state;
    const rows = this.claim.counts.get(uid) ?? 0;
    const lane = new OwnedLane(this, subscriber, { row, rows });
    const now = this.clock.monotonicMs();
    const inOrder = exceptions.toSorted((one, other) => one.offset - other.offset);
    for (const one of inOrder) lane.lane.restore(one, now);
    this.lanes.set(uid, lane);
    lane.start();
    subscriber.pump();
  }

  private presentFloor(): number {
    let floor = this.reads;
    for (const { lane } of this.lanes.values()) {
      const bound = lane.place.liveBound;
      if (bound !== undefined && bound < floor) floor = bound;
    }
    return Math.max(floor, this.storedFloor);
  }

  private checkpointOf(floor: number, lanes: readonly OwnedLane[]): OwnedCheckpoint {
    const now = this.clock.now().getTime();
    const sequence = (this.sequence += 1);
    const parts: (readonly [OwnedLane, LaneChanges])[] = [];
    try {
      for (const lane of lanes) {
        const inFlightDue = now + lane.subscriber.attemptTimeoutMs;
        parts.push([lane, lane.lane.collect({ floor, sequence, inFlightDue })]);
      }
    } catch (error) {
      for (const [lane, collected] of parts) lane.lane.notStored(collected);
      throw error;
    }
    const changes = parts.map(([, part]) => part);
    const checkpoint: PartitionCheckpoint = {
      ...this.name,
      topicId: this.topicId,
      ownerEpoch: this.claim.ownerEpoch,
      sequence,
      floor,
      leaderEpoch: this.lastEpoch,
      retire: null,
      lanes: changes.flatMap(({ row }) => row ?? []),
      writes: changes.flatMap(({ writes }) => writes),
      ends: changes.flatMap(({ ends }) => ends),
      shifts: parts.flatMap(([{ subscriptionUid }, { shifts }]) =>
        shifts.map((shift) => ({ ...shift, subscriptionUid })),
      ),
      gaps: changes.flatMap(({ gaps }) => gaps),
      operations: changes.flatMap(({ operations }) => operations),
    };
    return { checkpoint, parts };
  }
}
