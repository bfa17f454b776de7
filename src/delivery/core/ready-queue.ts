import type { Delivery } from './delivery.js';

/** Deliveries that may be sent, first come first served. Pure. */
export class ReadyQueue {
  private items: Delivery[] = [];
  private head = 0;
  private heldBytes = 0;

  get size(): number {
    return this.items.length - this.head;
  }

  /** Bytes of the records that wait. */
  get bytes(): number {
    return this.heldBytes;
  }

  get first(): Delivery | undefined {
    return this.items[this.head];
  }

  put(delivery: Delivery): void {
    this.items.push(delivery);
    this.heldBytes += delivery.bytes;
  }

  putFirst(delivery: Delivery): void {
    if (this.head > 0) this.items[--this.head] = delivery;
    else this.items.unshift(delivery);
    this.heldBytes += delivery.bytes;
  }

  take(): Delivery | undefined {
    const delivery = this.items[this.head];
    if (delivery === undefined) return undefined;
    this.head += 1;
    if (this.head > 256 && this.head * 2 > this.items.length) this.compact();
    this.heldBytes -= delivery.bytes;
    return delivery;
  }

  /** Takes the first one that `fits`. */
  takeFirst(fits: (delivery: Delivery) => boolean): Delivery | undefined {
    for (let at = this.head; at < this.items.length; at += 1) {
      const delivery = this.items[at];
      if (delivery === undefined || !fits(delivery)) continue;
      this.items.splice(at, 1);
      this.heldBytes -= delivery.bytes;
      return delivery;
    }
    return undefined;
  }

  /** Keeps only those for which `stays` says so. */
  prune(stays: (delivery: Delivery) => boolean): void {
    this.items = this.items.slice(this.head).filter(stays);
    this.head = 0;
    this.heldBytes = this.items.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  private compact(): void {
    this.items = this.items.slice(this.head);
    this.head = 0;
  }
}
