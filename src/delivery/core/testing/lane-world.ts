/** Long because it plays the whole engine around one lane: reader, sender, checkpoints, owners. */
import type { BehindReason } from '../../../kafka/contracts/delivery-shapes.js';
import type { PartitionCheckpoint } from '../checkpoint.js';
import { reconcileClaim } from '../claim.js';
import type { Delivery } from '../delivery.js';
import { ExceptionBudget, type ExceptionShare } from '../exception-budget.js';
import { Lane, type LaneLimits } from '../lane.js';
import type { LaneChanges } from '../lane-journal.js';
import { Ledger, promise } from './ledger.js';
import { LogModel, type ModelEvent } from './log-model.js';
import { PARTITION, StoreModel, type ModelRow } from './store-model.js';

/** What a run is about. */
export interface WorldOptions {
  readonly ordered: boolean;
  readonly maxExceptions: number;
  readonly maxInFlight: number;
}

/** What becomes of a checkpoint: `lost` is stored, but the answer does not come. */
export type Answer = 'stored' | 'refused' | 'lost';

interface Checkpoint {
  readonly number: number;
  readonly reviewedAt: number;
  /** In flight for longer than the settle time. */
  readonly late: readonly Delivery[];
  /** What was delivered later than this may be read again, because something younger holds it. */
  readonly heldSince: number;
  readonly written: PartitionCheckpoint;
  readonly changes: LaneChanges | undefined;
  applied: boolean;
}

const UID = 'subscription';
const KEEPS_UP_MS = 500;
const ATTEMPT_MS = 300;
const MAX_ATTEMPTS = 3;
const FAULT = { code: 'TEST.FAILED', message: 'failed' };
const SUMMARY = { messageId: '', eventId: '', source: '', type: '', key: null };

export const limits: LaneLimits = {
  maxWaiting: 6,
  maxWaitingBytes: 1_000,
  catchUpWaiting: 4,
  catchUpBytes: 1_000,
  settleWithinMs: 1_000,
};

/**
 * A lane with all that it meets: a log, a store, an owner that may crash. It does what the engine
 * does, in steps that a test chooses, and checks the promises at each of them.
 */
export class LaneWorld {
  readonly log = new LogModel();
  readonly store = new StoreModel();
  readonly ledger: Ledger;
  now = 10_000;
  lane!: Lane;
  budget!: ExceptionShare;
  private halted = false;
  private open = false;
  private reads = 0;
  private lastEpoch = -1;
  private storedFloor = 0;
  private claimedFloor = 0;
  private othersHold: number | undefined;
  private pending: Checkpoint | undefined;
  private checkpoints = 0;
  private lastStored = { number: 0, heldSince: 0 };
  private lastReview = 0;
  private rejoins = 0;
  /** How many deliveries each operation is about. */
  private readonly operations = new Map<string, number>();
  /** Rows that came into being without the lane's doing, and without being counted. */
  private resent = 0;

  constructor(readonly options: WorldOptions) {
    this.ledger = new Ledger(this.log, this.store, options.ordered);
    this.own();
  }

  // The log

  publish(key: string | null, skipped: number): void {
    this.log.publish(key, skipped);
  }

  /** Live reading takes a slice and offers it, if the lane follows. */
  readLive(count: number): void {
    const { log, lane } = this;
    if (this.reads < log.start) {
      const gap = { topicId: log.topicId, from: this.reads, to: log.start };
      if (lane.place.followsLive) lane.recordGap({ reason: 'expired', ...gap });
      this.reads = log.start;
    }
    const { events, nextOffset } = log.read(this.reads, count);
    if (lane.place.followsLive) for (const event of events) this.offer(event);
    this.reads = nextOffset;
    this.lastEpoch = Math.max(this.lastEpoch, events.at(-1)?.epoch ?? -1);
  }

  /** The lane's own reading takes a slice, up to where live is; or meets live. */
  catchUp(count: number): void {
    const { lane, log } = this;
    this.rejoin();
    const at = lane.place.nextOffset;
    if (lane.place.followsLive || at >= this.reads || !lane.wantsMore || this.open) return;
    if (at < log.start) {
      const to = Math.min(log.start, this.reads);
      lane.recordGap({ reason: 'expired', topicId: log.topicId, from: at, to });
      lane.jump(to, lane.place.reason ?? 'full');
      return;
    }
    const { events, nextOffset } = log.read(at, count);
    for (const event of events) if (event.offset < this.reads) this.offer(event);
    lane.place.passTo(Math.min(Math.max(nextOffset, at), this.reads));
  }

  /** Compaction takes an event. */
  compact(index: number): void {
    const event = this.log.nth(index);
    if (event !== undefined) this.log.compact(event);
  }

  /** Retention takes so many offsets from the begin. */
  expire(offsets: number): void {
    this.log.expire(this.log.start + offsets);
  }

  /** The log loses so many offsets from its end, and may have grown again when that is noticed. */
  cut(offsets: number, grown: number): void {
    const { topicId } = this.log;
    const rows = [...this.store.rows.values()].filter(
      (row) => row.topicId === topicId && row.state !== 'redrive',
    );
    const known = Math.max(this.store.place?.floor ?? 0, ...rows.map(({ offset }) => offset + 1));
    this.log.cut(this.log.end - offsets);
    this.ledger.excuse((event) => event.topicId === topicId && event.offset >= known);
    // Without an epoch nobody could tell that it has grown again.
    const most = (this.store.place?.leaderEpoch ?? -1) >= 0 ? grown : 0;
    for (let made = 0; made < most; made += 1) this.publish('a', 0);
    this.crash();
  }

  /** The topic is deleted and made again, with so many events of which some are gone already. */
  remake(grown: number): void {
    this.log.remake();
    this.ledger.excuse(() => false);
    for (let made = 0; made < grown; made += 1) this.publish('a', 0);
    this.log.expire(grown - 2);
    this.crash();
  }

  // Sending

  /** @param probe set: one goes although the breaker is open */
  send(count: number, probe?: number): void {
    const { maxInFlight } = this.options;
    for (let sent = 0; sent < count; sent += 1) {
      if (this.halted || (this.open && probe === undefined)) return;
      if (this.ledger.underWay.length >= maxInFlight) return;
      const delivery = this.lane.next(this.now, probe);
      if (delivery === undefined) return;
      this.load(delivery);
    }
  }

  succeed(index: number): void {
    const delivery = this.underWay(index);
    if (delivery === undefined) return;
    this.open = false;
    this.ledger.delivered(delivery, this.now, this.checkpoints + 1);
    this.lane.delivered(delivery);
  }

  fail(index: number, pauseMs: number): void {
    const delivery = this.underWay(index);
    if (delivery === undefined) return;
    if (this.open) {
      this.ledger.abandoned(delivery);
      this.lane.putBack(delivery, this.now);
      this.lane.goBehind('breaker', this.reads);
      return;
    }
    this.ledger.failed(delivery, this.checkpoints + 1);
    if (delivery.attempts + 1 >= MAX_ATTEMPTS) this.lane.die(delivery, FAULT);
    else this.lane.retry(delivery, this.now + pauseMs, FAULT);
  }

  refuse(index: number): void {
    const delivery = this.underWay(index);
    if (delivery === undefined) return;
    this.ledger.failed(delivery, this.checkpoints + 1);
    this.lane.die(delivery, FAULT);
  }

  putBack(index: number): void {
    const delivery = this.underWay(index);
    if (delivery === undefined) return;
    this.ledger.abandoned(delivery);
    this.lane.putBack(delivery, this.now + 100);
  }

  // What happens to the subscription

  goBehind(reason: BehindReason): void {
    this.open ||= reason === 'breaker';
    this.lane.goBehind(reason, this.reads);
  }

  closeBreaker(): void {
    this.open = false;
  }

  halt(): void {
    this.halted = true;
    this.lane.halt(this.now, this.reads);
  }

  resume(): void {
    this.halted = false;
    this.lane.resume(this.now);
  }

  /** A newer filter applies from an earlier offset on: it is read again from there. */
  judgeAgain(back: number): void {
    const { place } = this.lane;
    const reads = place.followsLive ? this.reads : place.nextOffset;
    const from = Math.max(reads - back, this.store.readsFrom, this.storedFloor);
    if (from >= reads) return;
    this.ledger.readAgain();
    this.lane.jump(Math.min(from, place.lowestUnsettled ?? from), 'filter');
  }

  // Dead letters

  redrive(which: (row: ModelRow) => boolean): void {
    const dead = [...this.store.rows.values()].filter((row) => row.state === 'dead' && which(row));
    const operationId = `redrive ${this.operations.size}`;
    this.operations.set(operationId, dead.length);
    for (const row of dead) {
      this.store.redrive(row, operationId, this.now);
      this.ledger.redriven(this.eventOf(row));
    }
  }

  resend(index: number): void {
    const event = this.log.nth(index);
    if (event === undefined) return;
    const { topicId, offset, record } = event;
    if (offset >= this.reads || topicId !== this.log.topicId) return;
    const name = { subscriptionUid: UID, topicId, offset, orderKey: record.key, record };
    const rest = { attempts: 0, due: this.now, summary: null, error: null };
    const operationId = `resend ${this.operations.size}`;
    if (!this.store.resend({ ...name, ...rest, operationId })) return;
    this.operations.set(operationId, 1);
    this.resent += 1;
    this.ledger.redriven(event);
  }

  /** Not while a checkpoint is under way: it may end a row that comes to life again meanwhile. */
  takeRedriven(): void {
    if (this.pending !== undefined) return;
    for (const one of this.store.takeRedriven()) this.lane.restore(one, this.now);
  }

  // Checkpoints

  /** Another subscription keeps the partition's floor where live reading is now. */
  holdFloor(): void {
    this.othersHold ??= this.reads;
  }

  freeFloor(): void {
    this.othersHold = undefined;
  }

  /** Reviews and collects; nothing while another checkpoint is under way. */
  begin(): void {
    if (this.pending !== undefined) return;
    const { lane, now } = this;
    const readBefore = now - limits.settleWithinMs;
    lane.review(readBefore, this.reads);
    const late = this.ledger.underWay.filter(({ readAt }) => readAt <= readBefore);
    this.checkMemory();
    const floor = this.presentFloor();
    const moved = floor !== this.storedFloor;
    const isNews = lane.hasNews || (moved && lane.hasDone);
    const followed = lane.place.followsLive && this.rejoins === 0;
    const isOwnHold = followed && this.othersHold === undefined;
    const heldSince = isOwnHold ? this.lastReview - limits.settleWithinMs : -Infinity;
    this.lastReview = now;
    this.rejoins = 0;
    if (!isNews && !moved) return;
    const number = (this.checkpoints += 1);
    const moment = { floor, sequence: number, inFlightDue: now + ATTEMPT_MS };
    const changes = isNews ? lane.collect(moment) : undefined;
    const written = this.checkpointOf(floor, changes);
    this.pending = { number, reviewedAt: now, late, heldSince, written, changes, applied: false };
  }

  /** The store takes it, before the answer comes. */
  apply(): void {
    const { pending, options } = this;
    if (pending === undefined || pending.applied) return;
    pending.applied = true;
    this.store.write(pending.written);
    this.lastStored = { number: pending.number, heldSince: pending.heldSince };
    this.ledger.checkStored();
    const most = options.maxExceptions + options.maxInFlight + this.resent;
    promise(this.store.counted <= most, `${this.store.counted} rows`);
  }

  answer(answer: Answer): void {
    if (answer !== 'refused') this.apply();
    const { pending, lane } = this;
    this.pending = undefined;
    if (pending === undefined) return;
    if (answer !== 'stored' && pending.changes) lane.notStored(pending.changes);
    if (answer !== 'stored') return;
    this.storedFloor = pending.written.floor;
    if (pending.changes !== undefined) lane.stored(pending.changes);
    this.checkHold(pending);
  }

  checkpoint(answer: Answer): void {
    this.begin();
    this.answer(answer);
  }

  // Owners

  /** The owner dies, perhaps with a checkpoint on its way; another one takes over. */
  crash(): void {
    this.ledger.crashed(this.lastStored.number, this.lastStored.heldSince);
    this.pending = undefined;
    this.own();
  }

  /** Everything goes well from here on, until nothing is left to be done. */
  comeToRest(): void {
    this.answer('stored');
    this.freeFloor();
    if (this.halted) this.resume();
    for (let round = 0; !this.atRest(); round += 1) {
      promise(round < 400, `it does not come to rest: ${this.describe()}`);
      this.now += round % 10 === 9 ? 1_000 : 50;
      this.open = false;
      this.takeRedriven();
      this.readLive(3);
      this.catchUp(3);
      this.send(Infinity);
      while (this.ledger.underWay.length > 0) this.succeed(0);
      this.checkpoint('stored');
      // What the bound leaves no room for can only go when dead letters do.
      if (round % 50 === 49 && this.budget.exhausted) this.redrive(() => true);
    }
    this.checkRest();
  }

  private own(): void {
    const claim = this.store.claim(UID);
    const reconciled = reconcileClaim(claim, this.log.truth(claim.stored?.leaderEpoch ?? -1));
    const { floor, leaderEpoch, lanes, exceptions, gaps, retire } = reconciled;
    const { options, log } = this;
    Object.assign(this, { reads: floor, storedFloor: floor, claimedFloor: floor });
    this.lastEpoch = leaderEpoch;
    Object.assign(this, { othersHold: undefined, open: false });
    this.store.write({ ...this.checkpointOf(floor, undefined), lanes, gaps, retire });
    this.budget = new ExceptionBudget(options.maxExceptions).share();
    this.budget.rows = claim.counts.get(UID) ?? 0;
    this.lane = new Lane({
      subscriptionUid: UID,
      topicId: log.topicId,
      ordered: () => options.ordered,
      budget: this.budget,
      limits,
      summarise: () => SUMMARY,
      row: lanes[0],
      startOffset: 0,
      liveOffset: floor,
      filterRevision: 1,
    });
    const inOrder = exceptions.toSorted((one, other) => one.offset - other.offset);
    for (const one of inOrder) this.lane.restore(one, this.now);
    if (this.halted) this.halt();
    else this.resume();
  }

  private offer(event: ModelEvent): void {
    const { offset, key: recordKey, record } = event;
    this.lane.offer({ offset, recordKey, record }, this.now);
  }

  private underWay(index: number): Delivery | undefined {
    const { underWay } = this.ledger;
    return underWay[index % Math.max(1, underWay.length)];
  }

  /** Finds the record as the engine does, and begins an attempt. */
  private load(delivery: Delivery): void {
    const { topicId, offset } = delivery;
    if (delivery.record === undefined && delivery.recordStored) {
      const record = this.store.row(topicId, offset)?.record;
      promise(record != null, `the row of ${offset} keeps no record`);
      delivery.record = record;
    }
    delivery.record ??= this.log.at(topicId, offset)?.record;
    if (delivery.record === undefined) {
      const lost = this.log.published.some(
        (event) => event.topicId === topicId.split('#')[0] && event.offset === offset && event.gone,
      );
      promise(lost, `${offset} is not found, though the log has it`);
      this.lane.vanish(delivery, { reason: 'expired', topicId, from: offset, to: offset + 1 });
      return;
    }
    const event = this.log.eventOf(delivery.record);
    promise(event?.offset === offset, `${offset} is another event`);
    this.ledger.sending(delivery, event);
  }

  private eventOf({ record, offset }: ModelRow): ModelEvent {
    const event = record === null ? undefined : this.log.eventOf(record);
    promise(event !== undefined, `the row of ${offset} keeps no record`);
    return event;
  }

  private rejoin(): void {
    if (this.open || !this.lane.canRejoin(this.reads, this.now - KEEPS_UP_MS)) return;
    this.lane.rejoin(this.reads);
    this.rejoins += 1;
  }

  private presentFloor(): number {
    const bounds = [this.reads, this.lane.place.liveBound, this.othersHold];
    const floor = Math.min(...bounds.map((bound) => bound ?? Infinity));
    return Math.max(floor, this.storedFloor);
  }

  private checkpointOf(floor: number, changes: LaneChanges | undefined): PartitionCheckpoint {
    return {
      ...PARTITION,
      topicId: this.log.topicId,
      ownerEpoch: 0,
      sequence: this.checkpoints,
      floor,
      leaderEpoch: this.lastEpoch,
      retire: null,
      lanes: changes?.row === undefined ? [] : [changes.row],
      writes: changes?.writes ?? [],
      ends: changes?.ends ?? [],
      shifts: (changes?.shifts ?? []).map((shift) => ({ ...shift, subscriptionUid: UID })),
      gaps: changes?.gaps ?? [],
      operations: changes?.operations ?? [],
    };
  }

  /** Reviewed, stored, and still followed: what holds the floor is younger than the settle time. */
  private checkHold({ reviewedAt, late }: Checkpoint): void {
    for (const { offset, row } of late) promise(row === 'stored', `${offset} has no row in time`);
    const { place } = this.lane;
    const held = place.lowestUnsettled;
    if (!place.followsLive || this.rejoins > 0 || held === undefined) return;
    const readAt = this.lane['entries'].get(held)?.readAt ?? -Infinity;
    promise(readAt > reviewedAt - limits.settleWithinMs, `${held} holds the floor too long`);
  }

  private checkMemory(): void {
    const { maxInFlight } = this.options;
    const most = limits.maxWaiting + limits.catchUpWaiting + maxInFlight + 5;
    const fresh = this.lane['fresh'].size;
    promise(fresh <= most, `${fresh} deliveries without a row`);
  }

  private atRest(): boolean {
    const { lane, log, store } = this;
    const rows = [...store.rows.values()];
    return (
      this.reads === log.end &&
      lane.place.followsLive &&
      lane.place.fromOffset === null &&
      lane['entries'].size === 0 &&
      lane['former'].size === 0 &&
      !lane.hasNews &&
      this.storedFloor === this.reads &&
      rows.every((row) => row.state === 'dead' || this.waitsForFloor(row))
    );
  }

  /** Over before its owner came; it goes when the floor moves next. */
  private waitsForFloor({ state, topicId, offset }: ModelRow): boolean {
    return state === 'done' && (topicId !== this.log.topicId || offset < this.claimedFloor);
  }

  private checkRest(): void {
    this.ledger.checkNothingLost();
    this.lane.collect({ floor: this.reads, sequence: this.checkpoints, inFlightDue: this.now });
    promise(this.lane['fresh'].size === 0, 'deliveries without a row are left');
    promise(this.lane['skip'].size === 0, 'offsets to be skipped are left');
    promise(!this.lane.hasDone, 'rows are still to be removed');
    const held = this.budget.rows;
    const isExact = held === this.store.counted || this.resent > 0;
    for (const [name, total] of this.operations) {
      const ended = this.store.ended.get(name) ?? 0;
      promise(ended === total, `${name}: ${ended} of ${total}`);
    }
    promise(isExact, `${held} rows counted, ${this.store.counted} stored`);
  }

  private describe(): string {
    const { lane } = this;
    const { fromOffset, reason, nextOffset, liveBound } = lane.place;
    const entries = [...lane['entries'].values()].map(
      ({ offset, state, row, held, due }) => `${offset} ${state} ${row} ${held} ${due}`,
    );
    const rows = [...this.store.rows.values()].map(({ offset, state }) => `${offset} ${state}`);
    const at = { reads: this.reads, end: this.log.end, floor: this.storedFloor, now: this.now };
    const place = { fromOffset, reason, nextOffset, liveBound, halted: lane.halted };
    return JSON.stringify({ ...at, ...place, held: this.budget.rows, entries, rows });
  }
}
