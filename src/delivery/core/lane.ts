/**
 * Long because it is the whole life of a subscription's deliveries in one partition, of which each
 * step must see the others: what is read, sent, kept as a row, dropped to be read again.
 */
import type { AttemptFault, BehindReason } from '../../kafka/contracts/delivery-shapes.js';
import type { KeptRecord, LaneRow, StoredException } from './checkpoint.js';
import { DeliveryList } from './delivery-list.js';
import { Delivery } from './delivery.js';
import type { ExceptionShare } from './exception-budget.js';
import {
  LaneJournal,
  type CheckpointMoment,
  type LaneChanges,
  type Summarise,
} from './lane-journal.js';
import { LanePlace } from './lane-place.js';
import { LaneQueue } from './lane-queue.js';
import { OffsetTable } from './offset-table.js';
import type { Gap } from './position.js';

/** Bounds of one lane. */
export interface LaneLimits {
  /** Deliveries, and their bytes, that may wait in memory while it follows live. */
  readonly maxWaiting: number;
  readonly maxWaitingBytes: number;
  /** The same while it reads on its own. */
  readonly catchUpWaiting: number;
  readonly catchUpBytes: number;
  /** What is not settled after this is written down, so that no floor waits longer. */
  readonly settleWithinMs: number;
}

export const defaultLaneLimits: LaneLimits = {
  maxWaiting: 1_000,
  maxWaitingBytes: 4 * 1024 * 1024,
  catchUpWaiting: 256,
  catchUpBytes: 1024 * 1024,
  settleWithinMs: 1_000,
};

/** What a lane is made of. */
export interface LaneOptions {
  readonly subscriptionUid: string;
  readonly topicId: string;
  /** Whether events of one key go one after the other. */
  readonly ordered: () => boolean;
  readonly budget: ExceptionShare;
  readonly limits: LaneLimits;
  readonly summarise: Summarise;
  /** The stored row; undefined: the engine hears of the subscription for the first time. */
  readonly row: LaneRow | undefined;
  /** Where a lane without a row begins. */
  readonly startOffset: number;
  readonly liveOffset: number;
  readonly filterRevision: number;
}

/** An event for the lane. */
export interface Offer {
  readonly offset: number;
  /** Its bytes as latin1. */
  readonly recordKey: string | null;
  readonly record: KeptRecord;
}

/**
 * One subscription in one partition: live reading, catching up, retries and redrives are sources of
 * its one key table. Pure: it is told the times, and answers what is to be sent and stored. Times of
 * reading are monotonic milliseconds, times at which retries are due Unix milliseconds.
 */
export class Lane {
  readonly place: LanePlace;
  filterRevision: number;
  private readonly journal: LaneJournal;
  private readonly queue = new LaneQueue();
  /** Of this incarnation of the topic, by offset. */
  private readonly entries = new OffsetTable();
  /** Rows of former incarnations: no offset of theirs is read again. */
  private readonly former = new Set<Delivery>();
  /** Not kept by any row, oldest first. */
  private readonly fresh = new DeliveryList();
  /** Offsets that rows say are over, dead or done, and that may be read again. */
  private readonly skip = new Set<number>();
  private haltedAt: number | null;
  private storedFrom: number | null | undefined;

  constructor(private readonly options: LaneOptions) {
    const { row, startOffset, liveOffset } = options;
    this.filterRevision = row?.filterRevision ?? options.filterRevision;
    this.haltedAt = row?.haltedAt ?? null;
    this.storedFrom = row?.fromOffset;
    const from = row === undefined ? startOffset : row.fromOffset;
    this.place = new LanePlace(from, row?.reason ?? 'start', liveOffset);
    this.journal = new LaneJournal(options.subscriptionUid, options.summarise);
    if (row === undefined) this.journal.rowMoved();
  }

  get subscriptionUid(): string {
    return this.options.subscriptionUid;
  }

  get halted(): boolean {
    return this.haltedAt !== null;
  }

  /** Whether something has to be stored, besides the partition's floor. */
  get hasNews(): boolean {
    return this.journal.hasNews || this.place.fromOffset !== this.storedFrom;
  }

  /** Whether rows wait for the stored floor to pass them. */
  get hasDone(): boolean {
    return this.journal.hasDone;
  }

  /** When the next retry is due, Unix milliseconds. */
  get nextDue(): number | undefined {
    return this.queue.nextDue;
  }

  /** Whether catching up may read on. */
  get wantsMore(): boolean {
    const { budget, limits } = this.options;
    if (this.place.followsLive || this.halted || budget.exhausted) return false;
    return this.fresh.size < limits.catchUpWaiting && this.queue.bytes < limits.catchUpBytes;
  }

  /** Takes an event that was read, live or by catching up; one it knows already changes nothing. */
  offer({ offset, recordKey, record }: Offer, readAt: number): void {
    const present = this.entries.get(offset);
    if (present !== undefined) return this.holdAgain(present);
    if (this.skip.has(offset) || this.place.isSettled(offset)) return;
    this.place.read(offset);
    const { topicId } = this.options;
    const ordered = this.options.ordered();
    const delivery = new Delivery({ topicId, offset, recordKey, ordered, readAt, record });
    delivery.held = true;
    this.entries.set(delivery);
    this.fresh.add(delivery);
    this.enter(delivery);
  }

  /** Takes back what a row keeps, in the order of offsets; `done` and `dead` ones are skipped. */
  restore(stored: StoredException, readAt: number): void {
    const { offset, topicId, state } = stored;
    const current = topicId === this.options.topicId;
    if (state === 'done') this.journal.found(offset, topicId);
    if (state === 'done' || state === 'dead') {
      if (current) this.skip.add(offset);
      return;
    }
    const present = current ? this.entries.get(offset) : undefined;
    if (present !== undefined) return this.joinRow(present, stored);
    const delivery = this.revive(stored, readAt);
    // The row lives again, whatever it was before.
    this.journal.revived(delivery);
    if (current) {
      this.skip.delete(offset);
      this.entries.set(delivery);
    } else this.former.add(delivery);
    this.enter(delivery);
  }

  /**
   * The next delivery to send. With the bound on rows reached, only one that has a row already.
   * @param probe set: any one will do, chosen by this number from 0 to 1
   */
  next(now: number, probe?: number): Delivery | undefined {
    const fits = this.options.budget.exhausted
      ? ({ row }: Delivery): boolean => row !== 'none'
      : undefined;
    return probe === undefined ? this.queue.next(now, fits) : this.queue.any(now, probe, fits);
  }

  /** The attempt came to nothing that counts: it waits as before, a kept one until `due`. */
  putBack(delivery: Delivery, due: number): void {
    if (delivery.state !== 'in-flight') return;
    if (this.isKept(delivery)) this.queue.wait(delivery, due);
    else this.queue.putFirst(delivery);
  }

  delivered(delivery: Delivery): void {
    if (delivery.state === 'over') return;
    const { operationId } = delivery;
    if (operationId !== null) this.journal.step({ operationId, delivered: 1, failed: 0 });
    this.close(delivery);
  }

  /** An attempt failed, and the next one is due then. */
  retry(delivery: Delivery, due: number, error: AttemptFault): void {
    if (delivery.state === 'over') return;
    delivery.attempts += 1;
    delivery.error = error;
    this.queue.wait(delivery, due);
    this.keep(delivery);
    for (const follower of this.queue.followers(delivery)) this.park(follower);
  }

  /** Attempts are used up, or make no sense: it becomes a dead letter. */
  die(delivery: Delivery, error: AttemptFault): void {
    if (delivery.state === 'over') return;
    delivery.attempts += 1;
    delivery.error = error;
    delivery.due = null;
    delivery.state = 'dying';
    this.countFailure(delivery);
    this.keep(delivery);
  }

  /** Neither its row nor the log has the event any more: it is a gap. */
  vanish(delivery: Delivery, gap: Gap): void {
    if (delivery.state === 'over') return;
    this.journal.gap(gap);
    this.countFailure(delivery);
    this.close(delivery);
  }

  /** Events that were gone before they were read. */
  recordGap(gap: Gap): void {
    this.journal.gap(gap);
  }

  /** Leaves live, or stays behind for another reason; what waits is dropped, to be read again. */
  goBehind(reason: BehindReason, liveOffset: number): void {
    this.place.goBehind(reason, liveOffset);
    this.journal.rowMoved();
    this.dropWaiting();
  }

  /**
   * Whether catching up has reached live, and keeps up with it.
   * @param readBefore what waits to be sent and was read before it shows that it does not
   */
  canRejoin(liveOffset: number, readBefore: number): boolean {
    if (this.place.followsLive || this.halted || this.place.nextOffset !== liveOffset) return false;
    const oldest = this.queue.first;
    return oldest === undefined || oldest.row !== 'none' || oldest.readAt >= readBefore;
  }

  rejoin(liveOffset: number): void {
    this.place.rejoin(liveOffset);
    this.journal.rowMoved();
  }

  /** Reads on from another offset: back for a newer filter, or past a gap. */
  jump(offset: number, reason: BehindReason): void {
    const { followsLive, nextOffset } = this.place;
    // Past a gap: what was read before it is still to be delivered.
    if (!followsLive && offset >= nextOffset) return this.place.passTo(offset);
    for (const delivery of this.fresh) {
      if (delivery.state === 'in-flight') this.keep(delivery);
      delivery.held = false;
    }
    this.place.jump(offset, reason);
    this.journal.rowMoved();
    this.dropWaiting();
  }

  /** Judged by another filter from now on. */
  judgedBy(filterRevision: number): void {
    if (filterRevision === this.filterRevision) return;
    this.filterRevision = filterRevision;
    this.journal.rowMoved();
  }

  /** Paused or disabled: nothing is sent, retry clocks stand still. */
  halt(now: number, liveOffset: number): void {
    if (this.haltedAt !== null) return;
    this.haltedAt = now;
    this.goBehind('halted', liveOffset);
  }

  resume(now: number): void {
    if (this.haltedAt === null) return;
    const byMs = Math.max(0, now - this.haltedAt);
    this.haltedAt = null;
    this.journal.shift(byMs);
    this.journal.rowMoved();
    for (const delivery of [...this.entries.values(), ...this.former]) {
      if (delivery.due !== null) delivery.due += byMs;
    }
    this.queue.shift(byMs);
  }

  /**
   * Before a checkpoint: what has waited too long is kept as rows, or left to be read again.
   * @param readBefore what was read before this has waited too long
   */
  review(readBefore: number, liveOffset: number): void {
    let late = false;
    for (const delivery of this.fresh) {
      if (delivery.readAt > readBefore) break;
      if (delivery.state === 'in-flight') this.keep(delivery);
      else if (delivery.state === 'queued') this.park(delivery);
      if (!this.isKept(delivery)) late = true;
    }
    const { followsLive, reason } = this.place;
    // Without room for rows, what waits without one would keep those of its key that have one.
    const stuck = late && this.options.budget.exhausted;
    if (stuck || (followsLive && (late || this.overflows))) {
      this.goBehind(reason ?? 'full', liveOffset);
    }
  }

  /**
   * What is to be stored now.
   * @param floor the partition's floor in the same checkpoint
   */
  collect({ floor, ...moment }: CheckpointMoment): LaneChanges {
    const { fromOffset, reason } = this.place;
    if (fromOffset !== this.storedFrom) this.journal.rowMoved();
    this.storedFrom = fromOffset;
    const coveredBelow = Math.min(floor, fromOffset ?? floor);
    for (const offset of this.skip) if (offset < coveredBelow) this.skip.delete(offset);
    const row = (): LaneRow => ({
      subscriptionUid: this.subscriptionUid,
      fromOffset,
      reason: fromOffset === null ? null : (reason ?? 'full'),
      haltedAt: this.haltedAt,
      filterRevision: this.filterRevision,
    });
    const { topicId } = this.options;
    const changes = this.journal.collect(row, { ...moment, coveredBelow, topicId });
    for (const delivery of changes.written) if (delivery.row === 'none') delivery.row = 'asked';
    return changes;
  }

  /** The checkpoint is stored: no floor need wait for what its rows keep. */
  stored({ written, writes }: LaneChanges): void {
    written.forEach((delivery, index) => {
      const write = writes[index];
      delivery.row = 'stored';
      if (write !== undefined && write.record !== null) delivery.recordStored = true;
      this.fresh.delete(delivery);
      this.release(delivery);
      if (write?.state === 'dead' && delivery.state === 'dying') this.bury(delivery);
      else if (delivery.state === 'queued') this.queue.unload(delivery);
      // Parked when this was collected, it may have failed since: then its record is to be stored yet.
      else if (delivery.state === 'retrying' && delivery.recordStored) this.queue.unload(delivery);
    });
  }

  /** The checkpoint did not come through, as far as is known. */
  notStored(changes: LaneChanges): void {
    this.journal.restore(changes);
  }

  private get overflows(): boolean {
    const { maxWaiting, maxWaitingBytes } = this.options.limits;
    return this.fresh.size > maxWaiting || this.queue.bytes > maxWaitingBytes;
  }

  /** One that no row keeps was read again, after a jump: the floor waits for it once more. */
  private holdAgain(delivery: Delivery): void {
    if (delivery.held || !this.fresh.has(delivery)) return;
    this.place.read(delivery.offset);
    delivery.held = true;
  }

  private revive(stored: StoredException, readAt: number): Delivery {
    const { topicId, offset, operationId, orderKey } = stored;
    const redriven = stored.state === 'redrive' || operationId !== null;
    const recordKey = orderKey?.toString('latin1') ?? null;
    const ordered = redriven || this.options.ordered();
    const former = topicId !== this.options.topicId;
    const delivery = new Delivery({ topicId, offset, recordKey, ordered, readAt, former });
    delivery.row = 'stored';
    delivery.recordStored = stored.state !== 'parked';
    delivery.attempts = stored.attempts;
    delivery.due = stored.state === 'retry' ? stored.due : null;
    delivery.operationId = operationId;
    return delivery;
  }

  /** A row was made for what is on its way already: both end together. */
  private joinRow(delivery: Delivery, { operationId }: StoredException): void {
    if (delivery.state === 'dying') this.reprieve(delivery);
    delivery.operationId ??= operationId;
    if (delivery.row !== 'none') return;
    if (!this.isKept(delivery)) this.options.budget.rows += 1;
    delivery.row = 'stored';
    delivery.recordStored = true;
    this.fresh.delete(delivery);
    this.release(delivery);
  }

  /** It is a dead letter no more, before its lane heard that it was stored as one. */
  private reprieve(delivery: Delivery): void {
    delivery.attempts = 0;
    delivery.operationId = null;
    this.queue.putFirst(delivery);
  }

  private enter(delivery: Delivery): void {
    this.queue.enter(delivery);
    if (delivery.state === 'queued') this.park(delivery);
  }

  private isKept(delivery: Delivery): boolean {
    return delivery.row !== 'none' || this.journal.willWrite(delivery);
  }

  /** Has the delivery stored, as it is by then. */
  private keep(delivery: Delivery): void {
    if (!this.isKept(delivery)) this.options.budget.rows += 1;
    this.journal.write(delivery);
  }

  /** One that waits behind another that has a row gets one too, if there is room for it. */
  private park(delivery: Delivery): void {
    if (this.isKept(delivery) || !this.isKeptBefore(delivery)) return;
    if (!this.options.budget.exhausted) this.keep(delivery);
  }

  /**
   * Whether those of its key before it have rows. Otherwise its row would outlive one of them, when
   * that is dropped, and be sent before it. Redriven ones are outside the order.
   */
  private isKeptBefore(delivery: Delivery): boolean {
    let before = this.queue.before(delivery);
    while (before?.state === 'queued' && before.operationId !== null) {
      before = this.queue.before(before);
    }
    return before !== undefined && this.isKept(before);
  }

  private release(delivery: Delivery): void {
    if (!delivery.held) return;
    delivery.held = false;
    this.place.settle(delivery.offset);
  }

  /** Delivered or gone: the next one of its key may go. */
  private close(delivery: Delivery): void {
    if (this.isKept(delivery)) this.options.budget.rows -= 1;
    delivery.state = 'over';
    this.journal.end(delivery);
    this.release(delivery);
    const { topicId, offset } = delivery;
    // Restored from its row, or read before a jump: reading comes to it yet.
    if (topicId === this.options.topicId && !this.place.isSettled(offset)) this.skip.add(offset);
    this.forget(delivery);
  }

  /** Stored as a dead letter. */
  private bury(delivery: Delivery): void {
    delivery.state = 'over';
    if (delivery.topicId === this.options.topicId) this.skip.add(delivery.offset);
    this.forget(delivery);
  }

  private countFailure({ operationId }: Delivery): void {
    if (operationId !== null) this.journal.step({ operationId, delivered: 0, failed: 1 });
  }

  private forget(delivery: Delivery): void {
    this.fresh.delete(delivery);
    this.former.delete(delivery);
    this.entries.delete(delivery);
    const next = this.queue.leave(delivery);
    if (next !== undefined) this.unpark(next);
  }

  /**
   * One whose turn has come need not be parked any more, if that is not stored yet; nor need those
   * behind it: a row of theirs would outlive it, when it is dropped, and be sent before it.
   */
  private unpark(next: Delivery): void {
    if (next.row !== 'none' || next.attempts > 0 || !this.isKept(next)) return;
    for (const delivery of [next, ...this.queue.followers(next)]) {
      if (delivery.row !== 'none' || !this.isKept(delivery)) continue;
      this.journal.dropWrite(delivery);
      this.options.budget.rows -= 1;
    }
  }

  private dropWaiting(): void {
    const goes = (delivery: Delivery): boolean =>
      (delivery.state === 'ready' || delivery.state === 'queued') && !this.isKept(delivery);
    const dropped = new Set([...this.fresh].filter(goes));
    this.queue.drop(dropped);
    for (const delivery of dropped) {
      delivery.state = 'over';
      this.fresh.delete(delivery);
      this.entries.delete(delivery);
      if (delivery.held) this.place.drop(delivery.offset);
    }
  }
}
