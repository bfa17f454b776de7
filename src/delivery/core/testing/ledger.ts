import type { Delivery } from '../delivery.js';
import type { LogModel, ModelEvent } from './log-model.js';
import type { StoreModel } from './store-model.js';

/** What the model knows of one event. */
interface Account {
  /** Times of its deliveries: model milliseconds. */
  readonly deliveredAt: number[];
  /** Number of the first checkpoint that may know of its last delivery. */
  checkpoint: number;
  /** How often it may be delivered. */
  allowed: number;
  /** Whether a crash lets it be delivered once more. */
  mayRepeat: boolean;
  /** Attempts that failed since it was sent for the first time, or again on request. */
  failures: number;
  /** Number of the first checkpoint that may know of the last of them. */
  failedBefore: number;
  /** Whether the store ever had a row of it. */
  hadRow: boolean;
  /** Whether the store ever had it as a dead letter. */
  wasDead: boolean;
  /** Outside the order from now on. */
  isRedriven: boolean;
}

const NOTHING: Omit<Account, 'deliveredAt'> = {
  checkpoint: 0,
  allowed: 1,
  mayRepeat: false,
  failures: 0,
  failedBefore: 0,
  hadRow: false,
  wasDead: false,
  isRedriven: false,
};

/** A promise that was not kept. */
export class PromiseBroken extends Error {
  override readonly name = 'PromiseBroken';
}

/** Throws unless a promise is kept. */
export function promise(kept: boolean, what: string): asserts kept {
  if (!kept) throw new PromiseBroken(what);
}

/** Who was sent what, and how often; the promises of delivery are checked against it. */
export class Ledger {
  private readonly accounts = new Map<ModelEvent, Account>();
  private readonly excused = new Set<ModelEvent>();
  private readonly inFlight = new Map<Delivery, ModelEvent>();

  constructor(
    private readonly log: LogModel,
    private readonly store: StoreModel,
    private readonly ordered: boolean,
  ) {}

  get underWay(): readonly Delivery[] {
    return [...this.inFlight.keys()];
  }

  /** An attempt begins. Two of one key are never under way, and none before an earlier event. */
  sending(delivery: Delivery, event: ModelEvent): void {
    const { orderKey } = delivery;
    for (const other of this.inFlight.keys()) {
      promise(orderKey === null || other.orderKey !== orderKey, `two in flight of ${orderKey}`);
    }
    this.inFlight.set(delivery, event);
    const { wasDead, isRedriven } = this.of(event);
    promise(!wasDead || isRedriven, `${event.offset} is a dead letter and was sent again`);
    if (!this.ordered || event.key === null || delivery.operationId !== null) return;
    const earlier = this.log.published.filter(
      ({ topicId, key, id, gone }) =>
        topicId === event.topicId && key === event.key && id < event.id && !gone,
    );
    for (const each of earlier) {
      const isThrough = this.isThrough(each) || this.of(each).isRedriven;
      promise(isThrough, `${event.offset} was sent before ${each.offset}, of its key`);
    }
  }

  /** An attempt came to nothing that counts. */
  abandoned(delivery: Delivery): void {
    this.inFlight.delete(delivery);
  }

  failed(delivery: Delivery, checkpoint: number): void {
    const event = this.inFlight.get(delivery);
    promise(event !== undefined, 'failed without an attempt');
    this.inFlight.delete(delivery);
    const account = this.of(event);
    account.failures += 1;
    account.failedBefore = checkpoint;
  }

  delivered(delivery: Delivery, now: number, checkpoint: number): void {
    const event = this.inFlight.get(delivery);
    promise(event !== undefined, 'delivered without an attempt');
    this.inFlight.delete(delivery);
    const account = this.of(event);
    account.deliveredAt.push(now);
    account.mayRepeat = false;
    account.checkpoint = checkpoint;
    const { length } = account.deliveredAt;
    promise(length <= account.allowed, `${event.offset} was delivered ${length} times`);
  }

  timesDelivered(event: ModelEvent): number {
    return this.of(event).deliveredAt.length;
  }

  /** Events are gone of which nobody can know, because no owner wrote that there were such. */
  excuse(isUnknown: (event: ModelEvent) => boolean): void {
    for (const event of this.log.published) {
      if (event.gone === undefined) continue;
      if (this.store.lane === undefined || isUnknown(event)) this.excused.add(event);
    }
  }

  /** Somebody asked for the event to be sent once more. */
  redriven(event: ModelEvent): void {
    const account = this.of(event);
    account.allowed += 1;
    account.isRedriven = true;
    account.failures = 0;
  }

  /** The subscription reads events again. */
  readAgain(): void {
    for (const account of this.accounts.values()) account.allowed += 1;
  }

  /**
   * The owner is gone. What was delivered since the last stored checkpoint may be repeated; and, if
   * something not settled held the place, what was delivered from `since` on.
   */
  crashed(storedCheckpoint: number, since: number): void {
    this.inFlight.clear();
    for (const [event, account] of this.accounts) {
      const last = account.deliveredAt.at(-1);
      if (last === undefined) this.checkFailures(event, account, storedCheckpoint);
      if (last === undefined || account.mayRepeat) continue;
      const isHeld = !account.hadRow && event.offset >= this.store.readsFrom && last >= since;
      account.mayRepeat = account.checkpoint > storedCheckpoint || isHeld;
      if (account.mayRepeat) account.allowed += 1;
    }
  }

  /** What is stored must account for everything before it. */
  checkStored(): void {
    const { place, readsFrom, rows } = this.store;
    for (const { topicId, offset, state, record } of rows.values()) {
      const named = this.log.at(topicId, offset);
      if (named !== undefined) this.of(named).hadRow = true;
      if (state === 'parked' || state === 'done') continue;
      const event = record === null ? undefined : this.log.eventOf(record);
      promise(event !== undefined, `the row of ${offset} (${state}) keeps no record`);
      if (state === 'dead') this.of(event).wasDead = true;
    }
    if (this.store.lane === undefined) return;
    for (const event of this.log.published) {
      if (event.topicId !== place?.topicId || event.offset >= readsFrom || event.gone) continue;
      const kept = this.isThrough(event) || this.isKept(event);
      promise(kept, `${event.offset} is neither delivered nor kept, and read from ${readsFrom} on`);
    }
  }

  /** With everything at rest: each event was delivered, is a dead letter, or lies in a gap. */
  checkNothingLost(): void {
    for (const event of this.log.published) {
      const settled = this.isThrough(event) || this.isExcused(event);
      promise(settled, `${event.topicId}/${event.offset} was lost (${event.gone ?? 'there'})`);
    }
  }

  /** Attempts that failed are counted on by the next owner. */
  private checkFailures(event: ModelEvent, account: Account, storedCheckpoint: number): void {
    const attempts = this.store.row(event.topicId, event.offset)?.attempts ?? 0;
    const isKnown = account.failedBefore <= storedCheckpoint && !account.isRedriven && !event.gone;
    const isKept = !isKnown || attempts >= account.failures;
    promise(isKept, `${event.offset}: ${attempts} attempts are stored`);
    account.failures = attempts;
  }

  private isThrough(event: ModelEvent): boolean {
    const { deliveredAt, wasDead } = this.of(event);
    return deliveredAt.length > 0 || wasDead;
  }

  private isKept(event: ModelEvent): boolean {
    const row = this.store.row(event.topicId, event.offset);
    if (row === undefined) return false;
    return row.record === null || this.log.eventOf(row.record) === event;
  }

  /** What the log took is in a gap; compaction leaves none. */
  private isExcused(event: ModelEvent): boolean {
    const { topicId, offset, gone } = event;
    if (gone === undefined) return false;
    if (gone === 'compacted' || this.excused.has(event)) return true;
    const { gaps } = this.store;
    const ofTopic = gaps.filter((gap) => gap.topicId.split('#')[0] === topicId);
    const isFormer = topicId !== this.log.topicId;
    if (isFormer && ofTopic.some(({ reason }) => reason === 'deleted')) return true;
    return ofTopic.some(({ from, to }) => from <= offset && offset < to);
  }

  private of(event: ModelEvent): Account {
    let account = this.accounts.get(event);
    if (account === undefined) {
      account = { ...NOTHING, deliveredAt: [] };
      this.accounts.set(event, account);
    }
    return account;
  }
}
