import type { PartitionGroupListener, TopicPartition } from '../event-log.js';

/** As text: an error of another realm is none to Node. */
const warn = (error: unknown): void =>
  process.emitWarning((error as Partial<Error> | null)?.stack ?? String(error));

/** The outcome of a hand-over, or the end of the time that it has. */
const within = async (handOver: Promise<void>, ms: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  // What fails after the bound is heard here; what fails before it, by the race.
  handOver.catch(warn);
  try {
    await Promise.race([handOver.catch(() => undefined), bound]);
  } finally {
    clearTimeout(timer);
  }
};

/** Calls a listener one call after the other. A call that fails counts as made. */
export class ListenerCalls {
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly listener: PartitionGroupListener,
    private readonly handOverMs: number,
  ) {}

  async assigned(partitions: readonly TopicPartition[]): Promise<void> {
    await this.next(() => this.listener.onAssigned(partitions));
  }

  async lost(partitions: readonly TopicPartition[]): Promise<void> {
    await this.next(() => this.listener.onLost(partitions));
  }

  /** Resolves when they are handed back, or the time for it is over. */
  async revoked(partitions: readonly TopicPartition[]): Promise<void> {
    await this.next(() => within(this.listener.onRevoked(partitions), this.handOverMs));
  }

  private async next(call: () => void | Promise<void>): Promise<void> {
    this.last = this.last.then(call).catch(warn);
    await this.last;
  }
}
