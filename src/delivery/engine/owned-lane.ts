import type { Clock } from '../../common/clock.js';
import type { BehindReason } from '../../kafka/contracts/delivery-shapes.js';
import type { EventLog } from '../../kafka/log/event-log.js';
import type { EventSummary, LaneRow, PartitionName } from '../core/checkpoint.js';
import type { Delivery } from '../core/delivery.js';
import type { ExceptionShare } from '../core/exception-budget.js';
import { Lane, type LaneLimits } from '../core/lane.js';
import { newestRevision, rejudgedOffset } from '../core/subscription-matcher.js';
import { CatchUp, type CatchUpLane } from './catch-up.js';
import type { DeliverableEvent, DeliveryLog } from './ports.js';
import { ReadEvent } from './read-event.js';
import type { RecordMissing } from './record-loader.js';
import type { Subscriber, SubscriberLane } from './subscriber.js';

/** A partition as its lanes see it. */
export interface LaneOwner {
  readonly name: PartitionName;
  readonly topicId: string;
  /** Where live reading goes on. */
  readonly liveOffset: number;
  /** Whether this process may be sure that the partition is its own. */
  readonly mayDeliver: boolean;
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly log: DeliveryLog;
  readonly laneLimits: LaneLimits;
}

/** One subscription in one partition that this process owns. */
export class OwnedLane implements SubscriberLane, CatchUpLane {
  readonly lane: Lane;
  /** Attempts under way. */
  inFlight = 0;
  private readonly budget: ExceptionShare;
  private readonly catchUp: CatchUp;
  private closed = false;

  constructor(
    readonly owner: LaneOwner,
    readonly subscriber: Subscriber,
    stored: { readonly row: LaneRow | undefined; readonly rows: number },
  ) {
    const { state } = subscriber;
    this.budget = subscriber.budget.share();
    this.budget.rows = stored.rows;
    this.lane = new Lane({
      subscriptionUid: state.uid,
      topicId: owner.topicId,
      ordered: () => subscriber.ordered,
      budget: this.budget,
      limits: owner.laneLimits,
      summarise: (delivery) => this.summaryOf(delivery),
      row: stored.row,
      startOffset:
        owner.topicId === state.kafkaTopicId ? (state.start[owner.name.partition] ?? 0) : 0,
      liveOffset: owner.liveOffset,
      filterRevision: newestRevision(state),
    });
    this.catchUp = new CatchUp(this);
    subscriber.attach(this);
  }

  /** Begins to read what is behind. Call it once all rows are restored. */
  start(): void {
    this.subscriptionChanged();
  }

  get subscriptionUid(): string {
    return this.lane.subscriptionUid;
  }

  get topicId(): string {
    return this.owner.topicId;
  }

  get partitionName(): PartitionName {
    return this.owner.name;
  }

  get mayDeliver(): boolean {
    return !this.closed && this.owner.mayDeliver;
  }

  get followsLive(): boolean {
    return this.lane.place.followsLive;
  }

  get nextDue(): number | undefined {
    return this.lane.nextDue;
  }

  /** Rows in Postgres that count against the subscription's bound, as counted there. */
  recount(rows: number): void {
    this.budget.rows = rows;
    this.progressed();
  }

  next(now: number, probe?: number): Delivery | undefined {
    const delivery = this.lane.next(now, probe);
    if (delivery !== undefined) this.inFlight += 1;
    return delivery;
  }

  /** The event of a delivery whose record is there. */
  eventOf(delivery: Delivery): DeliverableEvent {
    const { topic, partition } = this.owner.name;
    if (delivery.record === undefined) throw new Error('The record is not loaded.');
    return ReadEvent.at(delivery.record, { topic, partition, offset: delivery.offset });
  }

  /** Offers an event that was read, if the subscription wants it. Whether it does. */
  offer(read: ReadEvent, readAt: number): boolean {
    if (!this.subscriber.matches(this.topicId, read)) return false;
    read.detach();
    const { offset } = read;
    const recordKey = read.key?.toString('latin1') ?? null;
    this.lane.offer({ offset, recordKey, record: read }, readAt);
    return true;
  }

  delivered(delivery: Delivery): void {
    this.lane.delivered(delivery);
  }

  retry(...failed: Parameters<Lane['retry']>): void {
    this.lane.retry(...failed);
  }

  die(...failed: Parameters<Lane['die']>): void {
    this.lane.die(...failed);
  }

  putBack(delivery: Delivery, due: number): void {
    this.lane.putBack(delivery, due);
  }

  vanish(delivery: Delivery, { reason }: RecordMissing): void {
    const { offset, topicId } = delivery;
    this.lane.vanish(delivery, { reason, topicId, from: offset, to: offset + 1 });
  }

  /** An attempt ended, whatever came of it. */
  attemptEnded(): void {
    this.inFlight -= 1;
    this.catchUp.wake();
  }

  /** There may be room to read on, or reason to begin: a review has left live. */
  progressed(): void {
    this.catchUp.begin();
  }

  goBehind(reason: BehindReason): void {
    this.lane.goBehind(reason, this.owner.liveOffset);
    this.catchUp.begin();
  }

  /** Takes in the subscription as it is now: paused or not, and its newest filter. */
  subscriptionChanged(): void {
    const { state, halted } = this.subscriber;
    const since = Date.parse(state.since);
    if (halted) this.lane.halt(since, this.owner.liveOffset);
    else this.lane.resume(since);
    this.judgeAgain();
    this.catchUp.begin();
  }

  /** Reads no more and delivers no more; attempts under way may still end. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.catchUp.close();
    this.subscriber.detach(this);
    this.budget.release();
  }

  private judgeAgain(): void {
    const { state } = this.subscriber;
    const { place, filterRevision } = this.lane;
    const newest = newestRevision(state);
    if (newest === filterRevision) return;
    const reads = place.followsLive ? this.owner.liveOffset : place.nextOffset;
    const position = { topicId: this.topicId, offset: reads, filterRevision };
    const from = rejudgedOffset(state, this.owner.name.partition, position);
    this.lane.judgedBy(newest);
    if (from < reads) this.lane.jump(Math.min(from, place.lowestUnsettled ?? from), 'filter');
  }

  private summaryOf(delivery: Delivery): EventSummary {
    const { event, messageId } = this.eventOf(delivery);
    const { id, source, type, partitionkey } = event;
    return { messageId, eventId: id, source, type, key: partitionkey ?? null };
  }
}
