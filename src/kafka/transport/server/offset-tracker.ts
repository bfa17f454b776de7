/**
 * Which offset may be committed while records are settled in any order: everything before it is
 * settled. Offsets are added in rising order and need not be dense. Pure.
 */
export class OffsetTracker {
  private readonly open: number[] = [];
  private readonly settled = new Set<number>();
  private next: number | undefined;

  /** The last offset added; undefined before the first. */
  last: number | undefined;

  add(offset: number): void {
    this.open.push(offset);
    this.last = offset;
  }

  settle(offset: number): void {
    this.settled.add(offset);
    let first = this.open[0];
    while (first !== undefined && this.settled.delete(first)) {
      this.next = first + 1;
      this.open.shift();
      first = this.open[0];
    }
  }

  /** The offset to commit: the next one to be read. Undefined: nothing settled yet. */
  get committable(): number | undefined {
    return this.next;
  }
}
