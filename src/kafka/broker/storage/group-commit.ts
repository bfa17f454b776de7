/** Someone who waits until offsets up to `until` are durable. */
interface Waiter {
  readonly until: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What the group commit needs of its log. */
export interface Syncable {
  /** End of what was written so far. */
  readonly endOffset: number;
  /** Makes everything written so far durable. */
  sync(): Promise<void>;
  /** Everything before the offset is durable now. */
  synced(endOffset: number): void;
}

/** One fdatasync at a time; all that is written meanwhile shares the next. */
export class GroupCommit {
  private waiters: Waiter[] = [];
  private durable: number;
  private running: Promise<void> | undefined;

  constructor(
    private readonly log: Syncable,
    durable: number,
  ) {
    this.durable = durable;
  }

  get durableOffset(): number {
    return this.durable;
  }

  /** Resolves once everything before the offset is durable. */
  reach(until: number): Promise<void> {
    if (until <= this.durable) return Promise.resolve();
    const reached = new Promise<void>((resolve, reject) => {
      this.waiters.push({ until, resolve, reject });
    });
    this.running ??= this.run();
    return reached;
  }

  /** After the log was cut. */
  reset(durable: number): void {
    this.durable = durable;
  }

  /** Resolves when no sync is in progress. */
  async idle(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    while (this.waiters.length > 0) {
      const target = this.log.endOffset;
      try {
        await this.log.sync();
      } catch (error) {
        this.abort(error);
        break;
      }
      this.durable = Math.max(this.durable, target);
      this.log.synced(this.durable);
      this.settle();
    }
    this.running = undefined;
  }

  private settle(): void {
    const { waiters, durable } = this;
    this.waiters = waiters.filter(({ until }) => until > durable);
    for (const { until, resolve } of waiters) if (until <= durable) resolve();
  }

  /** Nobody who waits now will see it durable. */
  abort(error: unknown): void {
    const { waiters } = this;
    this.waiters = [];
    for (const { reject } of waiters) reject(error);
  }
}
