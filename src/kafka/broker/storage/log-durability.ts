import { GroupCommit } from './group-commit.js';
import { type LogState } from './log-state.js';
import { LogSync } from './log-sync.js';
import { type FsyncMode } from './log-types.js';
import { type Segment } from './segment.js';
import { type Serial } from '../concurrency/serial.js';
import { LogStorageFailed } from './storage.errors.js';
import { cutLog } from './truncation.js';

/** What durability needs of its log. */
export interface DurabilityOptions {
  readonly fsync: FsyncMode;
  readonly fsyncIntervalMs: number;
  /** Where cutting waits for checkpoints and cleaning to end. */
  readonly maintenance: Serial;
  /** More may be read now. */
  readonly onReadable: () => void;
}

/** Brings a log to the disk as its fsync mode says, and cuts off what a failing disk did not take. */
export class LogDurability {
  private readonly commit: GroupCommit;
  private readonly sync: LogSync;
  private timer: NodeJS.Timeout | undefined;
  /** Why nothing may be appended now. */
  private failure: Error | undefined;
  private repairing = false;
  private stopped = false;

  constructor(
    private readonly state: LogState,
    private readonly options: DurabilityOptions,
  ) {
    this.sync = new LogSync(state);
    this.commit = new GroupCommit(
      {
        get endOffset() {
          return state.endOffset;
        },
        sync: () => this.syncNow(),
        synced: () => {
          if (options.fsync === 'always') options.onReadable();
        },
      },
      state.endOffset,
    );
  }

  /** First offset that may not be read yet: under `always` the durable end, else the log end. */
  get highWatermark(): number {
    return this.options.fsync === 'always' ? this.commit.durableOffset : this.state.endOffset;
  }

  /** Whether checkpoints and finished compactions are synced. */
  get isWanted(): boolean {
    return this.options.fsync !== 'never';
  }

  get hasFailed(): boolean {
    return this.failure !== undefined;
  }

  /** @throws LogStorageFailed while the log is being repaired; asks for the repair to go on */
  assertSound(): void {
    if (this.failure === undefined) return;
    this.repair();
    throw new LogStorageFailed('the log is being repaired', { cause: this.failure });
  }

  /** The active segment was appended to. */
  appended(): void {
    const { fsync } = this.options;
    this.sync.wrote(this.state.segments.active);
    if (fsync !== 'always') this.options.onReadable();
    if (fsync === 'interval') this.schedule();
  }

  /** The segment's file is to be synced; by rolling, or found by recovery. */
  changed(segment: Segment): void {
    this.sync.wrote(segment);
    this.sync.changedDirectory();
  }

  /** Resolves when an append up to this end may be acknowledged. */
  async acknowledge(endOffset: number): Promise<void> {
    if (this.options.fsync === 'always') await this.commit.reach(endOffset);
  }

  /** Brings everything written so far to the disk. */
  async flush(): Promise<void> {
    await this.commit.reach(this.state.endOffset);
    await this.syncNow();
  }

  /**
   * Whoever returns knows that everything written before the call is on the disk.
   * @throws LogStorageFailed
   */
  async syncNow(): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    try {
      await this.sync.run();
    } catch (error) {
      this.onFailure(error);
      throw new LogStorageFailed('the log did not reach the disk', { cause: error });
    }
    // It failed for somebody else meanwhile, and is to be cut: this success says nothing.
    if (this.failure !== undefined) throw this.failure;
  }

  /** Ends timers, and waits for the sync in progress. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.commit.idle();
  }

  /** Cuts the log from the offset on. Appends are refused meanwhile, and after a failure. */
  async cut(offset: number): Promise<void> {
    this.failure ??= new LogStorageFailed('the log is being cut');
    this.commit.abort(this.failure);
    await this.commit.idle();
    await cutLog(this.state, offset, this.isWanted);
    this.failure = undefined;
    this.commit.reset(Math.min(this.commit.durableOffset, this.state.endOffset));
    // The one that was cut is not the active one where it had been closed before.
    for (const segment of this.state.segments.all.slice(-2)) this.changed(segment);
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      // onFailure has it already, and schedules the next.
      this.commit.reach(this.state.endOffset).catch(() => undefined);
    }, this.options.fsyncIntervalMs).unref();
  }

  /**
   * After a failed fdatasync nobody knows what the disk has. Under `always` what was not durable,
   * and so not acknowledged, is cut off; else it was acknowledged, stays, and is synced again.
   */
  private onFailure(cause: unknown): void {
    if (this.options.fsync !== 'always') return this.schedule();
    this.failure = new LogStorageFailed('the log did not reach the disk', { cause });
    this.commit.abort(this.failure);
    this.repair();
  }

  private repair(): void {
    // Who opens the log next walks what no checkpoint vouches for.
    if (this.repairing || this.stopped) return;
    this.repairing = true;
    this.options.maintenance
      .run(() => this.cut(this.highWatermark))
      // The log stays refused; the next append tries again.
      .catch(() => undefined)
      .finally(() => {
        this.repairing = false;
      });
  }
}
