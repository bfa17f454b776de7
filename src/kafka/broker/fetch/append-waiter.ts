import type { PartitionToRead } from './read-partitions.js';

/** Wakes when partitions have grown by so many bytes, when time is up or the client is gone. */
export class AppendWaiter {
  private readonly stops: Array<() => void> = [];
  private grown = 0;
  private appended = false;
  private wantedBytes = 1;
  private wake: (() => void) | undefined;

  constructor(
    partitions: readonly PartitionToRead[],
    private readonly closed: AbortSignal,
  ) {
    for (const { log } of partitions) {
      if (log === undefined) continue;
      // What is written but may not be read yet counts once it may.
      let size = log.highWatermark < log.endOffset ? 0 : log.sizeBytes;
      const onAppend = (): void => {
        // Retention makes a log smaller: what it took is no reason to wait longer.
        this.grown += Math.max(0, log.sizeBytes - size);
        size = log.sizeBytes;
        this.check();
      };
      this.stops.push(log.onAppend(onAppend));
    }
  }

  wait(wantedBytes: number, ms: number): Promise<void> {
    this.wantedBytes = wantedBytes;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      const end = (): void => resolve();
      this.closed.addEventListener('abort', end, { once: true });
      this.stops.push(() => {
        clearTimeout(timer);
        this.closed.removeEventListener('abort', end);
      });
      this.wake = resolve;
      if (this.appended) this.check();
    });
  }

  stop(): void {
    for (const stop of this.stops) stop();
  }

  private check(): void {
    this.appended = true;
    if (this.wake && this.grown >= this.wantedBytes) this.wake();
  }
}
