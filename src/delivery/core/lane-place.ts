import type { BehindReason } from '../../kafka/contracts/delivery-shapes.js';
import { Floor } from './floor.js';

/** Offsets in memory are bounded by the lane and its window; the floor needs no bound of its own. */
const UNBOUNDED = Number.MAX_SAFE_INTEGER;

/**
 * Where a subscription stands in a partition. Either it follows live: what it has not settled holds
 * the partition's floor. Or it is behind: its row says from which offset on everything is its own to
 * read, and it holds nobody. Between the two no offset is left out and none belongs to both. Pure.
 */
export class LanePlace {
  private floor: Floor;
  private why: BehindReason | null;
  /** Follows live again from here on, while the row still stands for what came before. */
  private rejoinedAt: number | undefined;
  /** Where catching up reads next. */
  private catchUp: number;
  /** Read and not settled, but to be read again. */
  private readonly dropped = new Set<number>();

  /**
   * @param fromOffset from the stored row; null: it follows live
   * @param liveOffset where the live reader reads next
   */
  constructor(fromOffset: number | null, reason: BehindReason | null, liveOffset: number) {
    this.floor = new Floor(fromOffset ?? liveOffset, UNBOUNDED);
    this.why = fromOffset === null ? null : (reason ?? 'full');
    this.catchUp = this.floor.value;
  }

  get followsLive(): boolean {
    return this.why === null;
  }

  get reason(): BehindReason | null {
    return this.why;
  }

  /** What the row says: null when live alone stands for it. */
  get fromOffset(): number | null {
    if (this.why !== null) return this.floor.value;
    return this.rejoinedAt !== undefined && this.floor.value < this.rejoinedAt
      ? this.floor.value
      : null;
  }

  /** The partition's floor may not pass this; undefined: no bound. */
  get liveBound(): number | undefined {
    if (this.why !== null) return undefined;
    if (this.fromOffset !== null) return this.rejoinedAt;
    return this.floor.size > 0 ? this.floor.value : undefined;
  }

  /** The lowest offset that was read and is not settled; behind without one, where it reads next. */
  get lowestUnsettled(): number | undefined {
    return this.fromOffset ?? this.liveBound;
  }

  /** Where catching up reads next. */
  get nextOffset(): number {
    return this.catchUp;
  }

  isSettled(offset: number): boolean {
    return this.floor.isSettled(offset);
  }

  /** An event that is to be delivered was read; one that is read again changes nothing. */
  read(offset: number): void {
    this.dropped.delete(offset);
    if (offset >= this.floor.nextOffset) this.floor.read(offset);
  }

  settle(offset: number): void {
    this.floor.settle(offset);
  }

  /** What was read is to be read again. */
  drop(offset: number): void {
    this.dropped.add(offset);
  }

  /**
   * Catching up has read everything before the offset. What was to be read again and did not come is
   * not waited for: the log has it no more, a filter rules it out by now, or a row keeps it.
   */
  passTo(offset: number): void {
    for (const each of this.dropped) {
      if (each >= offset) continue;
      this.dropped.delete(each);
      this.floor.settle(each);
    }
    this.catchUp = offset;
    this.floor.passTo(offset);
  }

  /** Leaves live, or begins anew: everything that is not settled is its own to read again. */
  goBehind(reason: BehindReason, liveOffset: number): void {
    if (this.why === null) this.floor.passTo(liveOffset);
    this.why = reason;
    this.rejoinedAt = undefined;
    this.catchUp = this.floor.value;
  }

  /** Follows live again; what it read before is still the row's. @throws RangeError elsewhere */
  rejoin(liveOffset: number): void {
    if (this.catchUp !== liveOffset) {
      throw new RangeError(`Reads ${this.catchUp} next; live reads ${liveOffset}.`);
    }
    this.why = null;
    this.rejoinedAt = liveOffset;
  }

  /** Reads on from another offset. Whatever was read and not settled is not waited for any more. */
  jump(offset: number, reason: BehindReason): void {
    this.dropped.clear();
    this.floor = new Floor(offset, UNBOUNDED);
    this.why = reason;
    this.rejoinedAt = undefined;
    this.catchUp = offset;
  }
}
