import { nameOf, type CheckpointStore } from '../core/checkpoint.js';
import type { DeliveryLog } from './ports.js';
import type { OwnedCheckpoint, PartitionOwner } from './partition-owner.js';

const EVERY_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** What the checkpointer works on. */
export interface Checkpointed {
  owners(): Iterable<PartitionOwner>;
  /** Another process owns it by now. */
  onFenced(owner: PartitionOwner): void;
}

/** Writes down, every 50 ms, what moved: floors, lanes and exceptions, in one transaction. */
export class Checkpointer {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<boolean> | undefined;
  private pauseMs = EVERY_MS;
  private stopped = false;

  constructor(
    private readonly store: CheckpointStore,
    private readonly work: Checkpointed,
    private readonly log: DeliveryLog,
  ) {}

  start(): void {
    this.timer = setTimeout(() => {
      void this.run().finally(() => {
        if (!this.stopped) this.start();
      });
    }, this.pauseMs);
    this.timer.unref();
  }

  /** Writes everything as it is now. @returns whether that came through */
  async flush(): Promise<boolean> {
    // One under way may have begun before the last change; the next one has it all.
    while (this.running !== undefined) await this.running;
    return this.run();
  }

  /**
   * Does `work` on the same rows while no checkpoint is under way: an end that was collected before
   * would else meet a row that has come to life again.
   */
  async between(work: () => Promise<void>): Promise<void> {
    while (this.running !== undefined) await this.running;
    const done = work();
    this.running = done
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        this.running = undefined;
      });
    await done;
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Whether the last write came through. */
  get healthy(): boolean {
    return this.pauseMs === EVERY_MS;
  }

  private run(): Promise<boolean> {
    this.running ??= this.write().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async write(): Promise<boolean> {
    const taken = new Map<PartitionOwner, OwnedCheckpoint>();
    try {
      for (const owner of this.work.owners()) {
        const next = owner.nextCheckpoint();
        if (next !== undefined) taken.set(owner, next);
      }
      if (taken.size === 0) return true;
      const fenced = await this.store.write([...taken.values()].map((each) => each.checkpoint));
      this.settle(taken, new Set(fenced.map(nameOf)));
      this.pauseMs = EVERY_MS;
      return true;
    } catch (error) {
      for (const [owner, each] of taken) owner.notStored(each);
      if (this.healthy) this.log.warn(`Deliveries cannot be written down now: ${String(error)}`);
      this.pauseMs = Math.min(2 * this.pauseMs, LONGEST_PAUSE_MS);
      return false;
    }
  }

  private settle(
    taken: ReadonlyMap<PartitionOwner, OwnedCheckpoint>,
    fenced: ReadonlySet<string>,
  ): void {
    for (const [owner, each] of taken) {
      if (fenced.has(nameOf(owner.name))) this.work.onFenced(owner);
      else owner.stored(each);
    }
  }
}
