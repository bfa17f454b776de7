/** What waits for its turn, by its origin: each origin has its turn, however much another brings. */
export class FairQueue<T> {
  private readonly waiting = new Map<string, T[]>();
  private count = 0;

  /** @param max so much waits at most */
  constructor(private readonly max: number) {}

  /**
   * Lets an item wait.
   * @returns what must make room: the last of the origin that has most, which may be this one
   */
  add(origin: string, item: T): T | undefined {
    const items = this.waiting.get(origin);
    if (items) items.push(item);
    else this.waiting.set(origin, [item]);
    this.count += 1;
    return this.count > this.max ? this.dropOfMost() : undefined;
  }

  /** The first of the origin whose turn it is; undefined where nothing waits. */
  take(): T | undefined {
    const [first] = this.waiting;
    if (!first) return undefined;
    const [origin, items] = first;
    const item = items.shift();
    this.count -= 1;
    this.waiting.delete(origin);
    // Behind all others.
    if (items.length > 0) this.waiting.set(origin, items);
    return item;
  }

  private dropOfMost(): T | undefined {
    const [origin, items] = [...this.waiting].reduce((a, b) => (b[1].length < a[1].length ? a : b));
    this.count -= 1;
    if (items.length === 1) this.waiting.delete(origin);
    return items.pop();
  }
}
