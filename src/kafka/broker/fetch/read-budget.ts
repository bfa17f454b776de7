interface Waiter {
  readonly bytes: number;
  readonly admit: () => void;
}

/**
 * Bounds the bytes that are read at the same time. What was read counts for its connection; but
 * before, a thousand clients that ask for fifty megabytes each would have the memory filled. Who does
 * not fit waits, in order; alone, anything fits.
 */
export class ReadBudget {
  private used = 0;
  private readonly waiters: Waiter[] = [];

  constructor(private readonly max: number) {}

  /** Runs the work once there is room for what it reads. */
  async run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (this.waiters.length > 0 || !this.fits(bytes)) {
      await new Promise<void>((admit) => this.waiters.push({ bytes, admit }));
    } else {
      this.used += bytes;
    }
    try {
      return await work();
    } finally {
      this.used -= bytes;
      this.admitNext();
    }
  }

  private fits(bytes: number): boolean {
    return this.used === 0 || this.used + bytes <= this.max;
  }

  private admitNext(): void {
    while (this.waiters.length > 0 && this.fits(this.waiters[0]!.bytes)) {
      const { bytes, admit } = this.waiters.shift()!;
      this.used += bytes;
      admit();
    }
  }
}
