import type { Delivery } from './delivery.js';
import { DueQueue } from './due-queue.js';
import { KeyTable } from './key-table.js';
import { ReadyQueue } from './ready-queue.js';

/**
 * What a lane may send, and in which order: one delivery per key at a time, by offset, whichever
 * source it came from; retries when they are due. Pure.
 */
export class LaneQueue {
  private readonly ready = new ReadyQueue();
  private readonly keys = new KeyTable<Delivery>();
  private readonly dues = new DueQueue<Delivery>();
  private retryTurn = false;
  private queuedBytes = 0;

  /** Bytes of the records that wait to be sent, or for their key. */
  get bytes(): number {
    return this.ready.bytes + this.queuedBytes;
  }

  /** Deliveries that may be sent at once. */
  get size(): number {
    return this.ready.size;
  }

  /** The one that has waited longest of those that may be sent at once. */
  get first(): Delivery | undefined {
    return this.ready.first;
  }

  /** When the next retry is due, Unix milliseconds. */
  get nextDue(): number | undefined {
    return this.dues.nextDue;
  }

  /** Takes a delivery in: it may be sent, waits for its time, or is `queued` behind its key. */
  enter(delivery: Delivery): void {
    if (this.keys.enter(delivery)) this.turnOf(delivery);
    else {
      delivery.state = 'queued';
      this.queuedBytes += delivery.bytes;
    }
  }

  /** Its record need not be kept in memory. */
  unload(delivery: Delivery): void {
    if (delivery.state === 'queued') this.queuedBytes -= delivery.bytes;
    delivery.record = undefined;
  }

  /**
   * The next one to send: due retries and waiting ones take turns.
   * @param fits which of the waiting ones may be sent; undefined: all
   */
  next(now: number, fits?: (delivery: Delivery) => boolean): Delivery | undefined {
    return this.takeTurn(now, () =>
      fits === undefined ? this.ready.take() : this.ready.takeFirst(fits),
    );
  }

  /**
   * One to probe with, any of those that may be sent: the first might be the very one that the
   * receiver will never take.
   * @param random 0 to 1
   */
  any(now: number, random: number, fits?: (delivery: Delivery) => boolean): Delivery | undefined {
    const skipped = Math.floor(random * this.ready.size);
    let seen = 0;
    const mayGo = fits ?? (() => true);
    const chosen = (delivery: Delivery): boolean => seen++ >= skipped && mayGo(delivery);
    return this.takeTurn(now, () => this.ready.takeFirst(chosen) ?? this.ready.takeFirst(mayGo));
  }

  /** It goes before all that wait. */
  putFirst(delivery: Delivery): void {
    delivery.state = 'ready';
    this.ready.putFirst(delivery);
  }

  /** It waits for its time; its key waits with it. */
  wait(delivery: Delivery, due: number): void {
    delivery.state = 'retrying';
    delivery.due = due;
    this.dues.set(delivery, due);
  }

  /** All retries are due so much later; the deliveries' own `due` is the caller's. */
  shift(byMs: number): void {
    this.dues.shift(byMs);
  }

  /** The one of the delivery's key that goes directly before it. */
  before(delivery: Delivery): Delivery | undefined {
    return this.keys.before(delivery);
  }

  followers(delivery: Delivery): readonly Delivery[] {
    return this.keys.followers(delivery);
  }

  /** The delivery is through; gives the next of its key, which waits no more. */
  leave(delivery: Delivery): Delivery | undefined {
    this.dues.delete(delivery);
    const next = this.keys.leave(delivery);
    if (next !== undefined) this.turnOf(next);
    return next;
  }

  /** Drops deliveries that are ready or queued; they are `over`. */
  drop(dropped: ReadonlySet<Delivery>): void {
    const promoted = this.keys.drop((delivery) => dropped.has(delivery));
    this.ready.prune((delivery) => !dropped.has(delivery));
    for (const { state, bytes } of dropped) if (state === 'queued') this.queuedBytes -= bytes;
    for (const delivery of promoted) this.turnOf(delivery);
  }

  private takeTurn(now: number, waiting: () => Delivery | undefined): Delivery | undefined {
    this.retryTurn = !this.retryTurn;
    const delivery = this.retryTurn
      ? (this.dues.take(now) ?? waiting())
      : (waiting() ?? this.dues.take(now));
    if (delivery !== undefined) delivery.state = 'in-flight';
    return delivery;
  }

  private turnOf(delivery: Delivery): void {
    if (delivery.state === 'queued') this.queuedBytes -= delivery.bytes;
    if (delivery.due !== null) return this.wait(delivery, delivery.due);
    delivery.state = 'ready';
    this.ready.put(delivery);
  }
}
