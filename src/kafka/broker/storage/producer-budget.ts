/** A log's memory of producers, as far as their number goes. */
export interface RememberedProducers {
  readonly size: number;
  /** Those of them that may be forgotten. */
  readonly idleCount: number;
  /** Forgets about half of them, those that were not seen for longest. */
  forgetIdle(): void;
}

/**
 * Bounds how many idempotent producers all logs of a process remember together: beyond it, the log
 * that remembers most forgets some, so that one crowd does not cost others their own.
 */
export class ProducerBudget {
  private readonly logs = new Set<RememberedProducers>();
  private count = 0;

  constructor(private readonly max: number) {}

  /** So many of a log's producers are remembered now, or, negative, forgotten. */
  changed(log: RememberedProducers, by: number): void {
    this.count += by;
    if (log.size > 0) this.logs.add(log);
    else this.logs.delete(log);
  }

  /** Where so many more would be too many, the log that remembers most forgets some. */
  makeRoomFor(more: number): void {
    if (this.count + more > this.max) this.relieve();
  }

  private relieve(): void {
    let largest: RememberedProducers | undefined;
    for (const log of this.logs) if (log.idleCount > (largest?.idleCount ?? 0)) largest = log;
    largest?.forgetIdle();
  }
}
