import type { Delivery } from './delivery.js';

const FIRST_BUCKETS = 256;
/** Deliveries a bucket, on average, before there are more buckets. */
const FULL = 2;

const emptyBuckets = (count: number): (Delivery | undefined)[] =>
  Array.from({ length: count }, () => undefined);

/**
 * Deliveries by offset. A hash table that is chained through the deliveries themselves, because a
 * Map keeps what it let go of from the collector; see DeliveryList. A delivery is in one table at
 * most.
 */
export class OffsetTable {
  private buckets = emptyBuckets(FIRST_BUCKETS);
  private count = 0;

  get size(): number {
    return this.count;
  }

  get(offset: number): Delivery | undefined {
    let found = this.buckets[this.bucketOf(offset)];
    while (found !== undefined && found.offset !== offset) found = found.nextInBucket;
    return found;
  }

  /** Takes a delivery in; one of the same offset goes. */
  set(delivery: Delivery): void {
    const present = this.get(delivery.offset);
    if (present === delivery) return;
    if (present !== undefined) this.delete(present);
    if (this.count >= FULL * this.buckets.length) this.grow();
    this.insert(delivery);
    this.count += 1;
  }

  /** Takes a delivery out, if it is in. */
  delete(delivery: Delivery): void {
    const bucket = this.bucketOf(delivery.offset);
    let before: Delivery | undefined;
    let at = this.buckets[bucket];
    while (at !== undefined && at !== delivery) {
      before = at;
      at = at.nextInBucket;
    }
    if (at === undefined) return;
    if (before === undefined) this.buckets[bucket] = delivery.nextInBucket;
    else before.nextInBucket = delivery.nextInBucket;
    delivery.nextInBucket = undefined;
    this.count -= 1;
  }

  *values(): IterableIterator<Delivery> {
    for (const first of this.buckets) {
      for (let at = first; at !== undefined; at = at.nextInBucket) yield at;
    }
  }

  private bucketOf(offset: number): number {
    return offset % this.buckets.length;
  }

  private insert(delivery: Delivery): void {
    const bucket = this.bucketOf(delivery.offset);
    delivery.nextInBucket = this.buckets[bucket];
    this.buckets[bucket] = delivery;
  }

  private grow(): void {
    const all = [...this.values()];
    this.buckets = emptyBuckets(2 * this.buckets.length);
    for (const delivery of all) this.insert(delivery);
  }
}
