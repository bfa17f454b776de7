/**
 * The floor of a partition: the lowest offset that was read but is not settled yet. Settling comes
 * in any order; offsets are not dense (markers, aborted and compacted records), so the floor knows
 * what was read and passes what was never there. Pure: no clock, no I/O.
 */
export class Floor {
  /** Offsets that were read and are not settled, ascending; those before `head` are gone. */
  private open: number[] = [];
  private head = 0;
  private readonly settled = new Set<number>();
  private position: number;

  /**
   * @param from the first offset that is to be read
   * @param capacity most offsets between the floor and the newest one read
   */
  constructor(
    from: number,
    readonly capacity: number,
  ) {
    this.position = from;
  }

  /** The lowest offset not settled; with everything settled, the next one to read. */
  get value(): number {
    return this.open[this.head] ?? this.position;
  }

  /** The next offset to read. */
  get nextOffset(): number {
    return this.position;
  }

  /** Offsets held: read, and at or above the floor. */
  get size(): number {
    return this.open.length - this.head;
  }

  /** Whether no further offset may be read before the floor moves. */
  get full(): boolean {
    return this.size >= this.capacity;
  }

  /**
   * An event at `offset` was read; it must be at or past `nextOffset`.
   * @throws RangeError when it is not, or when the window is full
   */
  read(offset: number): void {
    if (offset < this.position) {
      throw new RangeError(`Offset ${offset} was read already; ${this.position} is next.`);
    }
    if (this.full) throw new RangeError(`The window of ${this.capacity} offsets is full.`);
    this.open.push(offset);
    this.position = offset + 1;
  }

  /** Everything before `offset` was read: what the log did not give is not there. */
  passTo(offset: number): void {
    this.position = Math.max(this.position, offset);
  }

  /**
   * The event at `offset` is settled. Settling again, or below the floor, changes nothing.
   * @returns whether the floor moved
   * @throws RangeError for an offset that was not read
   */
  settle(offset: number): boolean {
    if (offset < this.value) return false;
    if (!this.holds(offset)) throw new RangeError(`Offset ${offset} was not read.`);
    this.settled.add(offset);
    return this.advance();
  }

  /** Whether the event at `offset` was read and is settled, or lies below the floor. */
  isSettled(offset: number): boolean {
    return offset < this.value || this.settled.has(offset);
  }

  private advance(): boolean {
    const before = this.head;
    for (;;) {
      const lowest = this.open[this.head];
      if (lowest === undefined || !this.settled.delete(lowest)) break;
      this.head += 1;
    }
    const moved = this.head > before;
    if (this.head > this.open.length / 2) {
      this.open = this.open.slice(this.head);
      this.head = 0;
    }
    return moved;
  }

  private holds(offset: number): boolean {
    let low = this.head;
    let high = this.open.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.open[middle] ?? Infinity;
      if (found === offset) return true;
      if (found < offset) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  }
}
