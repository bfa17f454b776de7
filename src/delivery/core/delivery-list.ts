import type { Delivery } from './delivery.js';

/**
 * Deliveries in the order in which they came, each of which can be taken out at once. A Set would
 * do, but for the garbage: V8's hash tables, when they are made anew, leave the old table linked to
 * the new one, and a table that was once promoted keeps all that its successors ever held in memory
 * until the next full collection. With tens of thousands of deliveries a second that is most of the
 * collector's work. A delivery is in one list at most.
 */
export class DeliveryList {
  private first: Delivery | undefined;
  private last: Delivery | undefined;
  private count = 0;

  get size(): number {
    return this.count;
  }

  has(delivery: Delivery): boolean {
    return delivery.list === this;
  }

  /** Takes one in at the end, unless it is in already. */
  add(delivery: Delivery): void {
    if (delivery.list === this) return;
    delivery.list = this;
    delivery.earlier = this.last;
    if (this.last === undefined) this.first = delivery;
    else this.last.later = delivery;
    this.last = delivery;
    this.count += 1;
  }

  /** Takes one out, if it is in. */
  delete(delivery: Delivery): void {
    if (delivery.list !== this) return;
    const { earlier, later } = delivery;
    if (earlier === undefined) this.first = later;
    else earlier.later = later;
    if (later === undefined) this.last = earlier;
    else later.earlier = earlier;
    delivery.list = undefined;
    delivery.earlier = undefined;
    delivery.later = undefined;
    this.count -= 1;
  }

  /** The one that was just given may be taken out meanwhile. */
  *[Symbol.iterator](): IterableIterator<Delivery> {
    let next = this.first;
    while (next !== undefined) {
      const delivery = next;
      next = delivery.later;
      yield delivery;
    }
  }
}
