interface Waiter {
  readonly bytes: () => number;
  readonly admit: (bytes: number) => void;
}

/**
 * Bounds the bytes that are read at the same time. What was read counts for its connection; but
 * before, a thousand clients that ask for fifty megabytes each would have the memory filled. Who does
 * not fit waits, in order; alone, anything fits, and nothing does always.
 */
export class ReadBudget {
  private used = 0;
  /** In the order in which they came. */
  private readonly waiters = new Set<Waiter>();

  constructor(private readonly max: number) {}

  /**
   * Runs the work once there is room for what it reads.
   * @param bytes how much that is at most, asked when it is to begin
   * @param closed aborted when nobody wants it any longer
   * @throws what the work throws; the signal's reason
   */
  async run<T>(bytes: () => number, closed: AbortSignal, work: () => Promise<T>): Promise<T> {
    closed.throwIfAborted();
    let counted = bytes();
    if (counted === 0) return await work();
    if (this.waiters.size > 0 || !this.fits(counted)) {
      counted = await this.turn(bytes, closed);
    } else {
      this.used += counted;
    }
    try {
      return await work();
    } finally {
      this.used -= counted;
      this.admitNext();
    }
  }

  private turn(bytes: () => number, closed: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.waiters.delete(waiter);
        reject(closed.reason as Error);
        this.admitNext();
      };
      const waiter: Waiter = {
        bytes,
        admit: (admitted) => {
          closed.removeEventListener('abort', leave);
          resolve(admitted);
        },
      };
      this.waiters.add(waiter);
      closed.addEventListener('abort', leave, { once: true });
    });
  }

  private fits(bytes: number): boolean {
    return this.used === 0 || this.used + bytes <= this.max;
  }

  private admitNext(): void {
    for (const waiter of this.waiters) {
      const bytes = waiter.bytes();
      if (!this.fits(bytes)) return;
      this.waiters.delete(waiter);
      this.used += bytes;
      waiter.admit(bytes);
    }
  }
}
