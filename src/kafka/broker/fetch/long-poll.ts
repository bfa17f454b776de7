import { readPartitions, type PartitionRead, type PartitionToRead } from './read-partitions.js';

/** How long a fetch waits, and for how much. */
export interface LongPoll {
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  /** READ_COMMITTED: nothing of open or aborted transactions. */
  readonly committedOnly: boolean;
  /** Ends the wait when the client is gone. */
  readonly closed: AbortSignal;
}

/**
 * Reads now; where less than `minBytes` is there and nothing is wrong, waits for appends and reads
 * again, at the latest after `maxWaitMs`.
 */
export async function readWithLongPoll(
  partitions: readonly PartitionToRead[],
  poll: LongPoll,
): Promise<readonly PartitionRead[]> {
  const deadline = performance.now() + poll.maxWaitMs;
  for (;;) {
    // Listening starts before the read: what is appended while it runs must not be missed.
    const waiter = new AppendWaiter(partitions, poll.closed);
    try {
      const reads = await readPartitions(partitions, poll.maxBytes, poll.committedOnly);
      const bytes = reads.reduce((sum, { records }) => sum + records.length, 0);
      const remainingMs = deadline - performance.now();
      const mustAnswer =
        bytes >= poll.minBytes ||
        remainingMs <= 0 ||
        partitions.length === 0 ||
        poll.closed.aborted ||
        reads.some(({ error, divergingEpoch }) => error !== 0 || divergingEpoch);
      if (mustAnswer) return reads;
      await waiter.wait(Math.max(1, poll.minBytes - bytes), remainingMs);
    } finally {
      waiter.stop();
    }
  }
}

/** Wakes when partitions have grown by so many bytes, when time is up or the client is gone. */
class AppendWaiter {
  private readonly stops: Array<() => void> = [];
  private readonly sizes: number[];
  private appended = false;
  private wantedBytes = 1;
  private wake: (() => void) | undefined;

  constructor(
    private readonly partitions: readonly PartitionToRead[],
    private readonly closed: AbortSignal,
  ) {
    this.sizes = partitions.map(({ log }) => log?.sizeBytes ?? 0);
    const onAppend = (): void => this.check();
    for (const { log } of partitions) if (log) this.stops.push(log.onAppend(onAppend));
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
    if (!this.wake) return;
    const grown = this.partitions.reduce(
      (sum, { log }, i) => sum + Math.max(0, (log?.sizeBytes ?? 0) - (this.sizes[i] ?? 0)),
      0,
    );
    if (grown >= this.wantedBytes) this.wake();
  }
}
