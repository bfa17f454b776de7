interface Waiting<Item> {
  readonly item: Item;
  readonly due: number;
}

/** Items by the time at which they are due: a binary heap. An item is in it at most once. Pure. */
export class DueQueue<Item> {
  private readonly heap: Waiting<Item>[] = [];
  private readonly dues = new Map<Item, number>();

  get size(): number {
    return this.dues.size;
  }

  /** The earliest time; undefined when empty. */
  get nextDue(): number | undefined {
    this.dropStale();
    return this.heap[0]?.due;
  }

  /** Puts an item in, or moves it to another time. */
  set(item: Item, due: number): void {
    if (this.dues.get(item) === due) return;
    this.dues.set(item, due);
    this.heap.push({ item, due });
    this.rise(this.heap.length - 1);
  }

  delete(item: Item): void {
    this.dues.delete(item);
  }

  /** Takes out the earliest item that is due. */
  take(now: number): Item | undefined {
    this.dropStale();
    const first = this.heap[0];
    if (first === undefined || first.due > now) return undefined;
    this.removeFirst();
    this.dues.delete(first.item);
    return first.item;
  }

  /** Moves all items by as much. */
  shift(byMs: number): void {
    const all = [...this.dues];
    this.heap.length = 0;
    this.dues.clear();
    for (const [item, due] of all) this.set(item, due + byMs);
  }

  private dropStale(): void {
    for (let first = this.heap[0]; first !== undefined; first = this.heap[0]) {
      if (this.dues.get(first.item) === first.due) return;
      this.removeFirst();
    }
  }

  private removeFirst(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    this.sink(0);
  }

  private rise(start: number): void {
    for (let at = start; at > 0;) {
      const parent = (at - 1) >> 1;
      if (this.dueAt(parent) <= this.dueAt(at)) return;
      this.swap(parent, at);
      at = parent;
    }
  }

  private sink(start: number): void {
    for (let at = start; ;) {
      const left = 2 * at + 1;
      const smaller = this.dueAt(left + 1) < this.dueAt(left) ? left + 1 : left;
      if (this.dueAt(smaller) >= this.dueAt(at)) return;
      this.swap(smaller, at);
      at = smaller;
    }
  }

  private dueAt(index: number): number {
    return this.heap[index]?.due ?? Infinity;
  }

  private swap(a: number, b: number): void {
    const [one, other] = [this.heap[a], this.heap[b]];
    if (one === undefined || other === undefined) return;
    this.heap[a] = other;
    this.heap[b] = one;
  }
}
