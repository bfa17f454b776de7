/** A subscription must have been missing for so long before its rows are dropped. */
export const MISSING_FOR_MS = 24 * 3_600_000;

/**
 * Remembers since when subscriptions have been missing, at every look. In memory only: a process
 * that was started anew may know less than the one before it, and so waits a day again.
 */
export class OrphanWatch {
  private sinceMs = new Map<string, number>();

  /**
   * @param missing all that are missing now; whoever is not among them begins anew another time
   * @param nowMs of a clock that never goes back
   * @returns those that have been missing for a day
   */
  look(missing: readonly string[], nowMs: number): ReadonlySet<string> {
    this.sinceMs = new Map(missing.map((uid) => [uid, this.sinceMs.get(uid) ?? nowMs]));
    const long = missing.filter((uid) => nowMs - this.sinceMs.get(uid)! >= MISSING_FOR_MS);
    return new Set(long);
  }
}
