/** A connection, as far as its memory goes. */
export interface Holder {
  /** Bytes kept for the peer now. */
  readonly heldBytes: number;
  /** Ends it, so that its memory is free. */
  destroy(): void;
}

/**
 * Bounds the bytes that all connections hold together: beyond it, whoever holds most is ended, so
 * that many greedy peers do not take the memory of the modest ones.
 */
export class HeldBytes {
  private readonly holders = new Map<Holder, number>();
  private total = 0;

  constructor(private readonly max: number) {}

  /** To be called whenever a holder has come to hold more or less. */
  update(holder: Holder): void {
    const held = holder.heldBytes;
    this.total += held - (this.holders.get(holder) ?? 0);
    this.holders.set(holder, held);
    while (this.total > this.max) this.endLargest();
  }

  /** The holder is gone. */
  remove(holder: Holder): void {
    this.total -= this.holders.get(holder) ?? 0;
    this.holders.delete(holder);
  }

  private endLargest(): void {
    const [largest] = [...this.holders].reduce((a, b) => (b[1] > a[1] ? b : a));
    this.remove(largest);
    largest.destroy();
  }
}
