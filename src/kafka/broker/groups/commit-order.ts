/**
 * Numbers offsets in the order in which they were accepted, over restarts: what a transaction commits
 * at its end must not take the place of what came after it.
 */
export class CommitOrder {
  private last = 0;

  next(): number {
    return (this.last += 1);
  }

  /** A number that was given before a restart; undefined: by a version that gave none. */
  seen(order: number | undefined): void {
    if (order !== undefined && order > this.last) this.last = order;
  }
}
