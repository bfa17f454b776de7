/** Produce requests of one connection that may wait for the disk together. */
const MAX_OVERLAPPING = 16;

/** A request that is being answered. */
export interface StartedRequest {
  /** Whether others that overlap may be started before it is answered. */
  readonly overlaps: boolean;
  /** Bytes that are kept for it. */
  heldBytes: number;
}

interface Slot extends StartedRequest {
  response: readonly Buffer[] | undefined;
}

/** The requests of one connection that are being answered: their responses leave in their order. */
export class StartedRequests {
  private readonly slots: Slot[] = [];

  get count(): number {
    return this.slots.length;
  }

  /** Bytes that are kept for all of them. */
  get heldBytes(): number {
    return this.slots.reduce((sum, { heldBytes }) => sum + heldBytes, 0);
  }

  /** Whether the next request may be started before those that are there are answered. */
  mayAdd(overlaps: boolean): boolean {
    if (this.slots.length === 0) return true;
    return overlaps && this.slots.at(-1)!.overlaps && this.slots.length < MAX_OVERLAPPING;
  }

  add(overlaps: boolean, heldBytes: number): StartedRequest {
    const slot: Slot = { overlaps, heldBytes, response: undefined };
    this.slots.push(slot);
    return slot;
  }

  /**
   * The request has its response, of no buffers where the protocol has none.
   * @returns what may be sent now, in order
   */
  answer(request: StartedRequest, response: readonly Buffer[]): readonly Buffer[] {
    const slot = this.slots.find((each) => each === request);
    if (slot) slot.response = response;
    const ready: Buffer[] = [];
    while (this.slots[0]?.response) ready.push(...this.slots.shift()!.response!);
    return ready;
  }

  /** The request cannot be answered: neither it nor what follows it will be. */
  drop(request: StartedRequest): void {
    const at = this.slots.findIndex((each) => each === request);
    if (at >= 0) this.slots.length = at;
  }
}
