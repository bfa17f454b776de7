import type { PartitionLog } from '../storage/partition-log.js';
import type { PartitionToRead } from './read-partitions.js';

/**
 * Wakes when partitions have grown by so many bytes, when one of them closes, when time is up or the
 * client is gone.
 */
export class AppendWaiter {
  private readonly stops: Array<() => void> = [];
  private grown = 0;
  private wantedBytes = Number.POSITIVE_INFINITY;
  private wake: (() => void) | undefined;

  /** @param committedOnly counts bytes of transactions once these have ended */
  constructor(
    partitions: readonly PartitionToRead[],
    committedOnly: boolean,
    private readonly closed: AbortSignal,
  ) {
    for (const { log } of partitions) {
      if (log === undefined) continue;
      const listener = committedOnly ? this.committedListener(log) : this.listener;
      this.stops.push(log.onAppend(listener));
    }
  }

  wait(wantedBytes: number, ms: number): Promise<void> {
    this.wantedBytes = wantedBytes;
    if (this.closed.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      const end = (): void => resolve();
      this.closed.addEventListener('abort', end, { once: true });
      this.stops.push(() => {
        clearTimeout(timer);
        this.closed.removeEventListener('abort', end);
      });
      this.wake = resolve;
      this.check();
    });
  }

  stop(): void {
    for (const stop of this.stops) stop();
  }

  private readonly listener = (bytes: number, isClosed: boolean): void => {
    this.grow(isClosed ? Number.POSITIVE_INFINITY : bytes);
  };

  private committedListener(log: PartitionLog): (bytes: number, isClosed: boolean) => void {
    let stable = log.lastStableOffset;
    // How much was there before and may be read once a transaction ends, nobody has counted.
    let hidden = stable < log.highWatermark ? Number.POSITIVE_INFINITY : 0;
    return (bytes, isClosed) => {
      hidden += bytes;
      if (!isClosed && log.lastStableOffset <= stable) return;
      stable = log.lastStableOffset;
      this.listener(hidden, isClosed);
      hidden = 0;
    };
  }

  private grow(bytes: number): void {
    this.grown += bytes;
    this.check();
  }

  private check(): void {
    if (this.grown >= this.wantedBytes) this.wake?.();
  }
}
