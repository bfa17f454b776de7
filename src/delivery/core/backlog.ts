/** Bounds of what is read beyond the stored floor. */
export interface BacklogLimits {
  readonly records: number;
  readonly bytes: number;
}

interface Slice {
  readonly nextOffset: number;
  readonly records: number;
  readonly bytes: number;
}

/**
 * What was read of a partition and is not behind its stored floor yet, counted in records and bytes:
 * the window of the live reader. When it is full, reading waits: so an outage of Postgres ends in
 * back-pressure, not in memory. Pure.
 */
export class Backlog {
  private slices: Slice[] = [];
  private records = 0;
  private bytes = 0;

  constructor(private readonly limits: BacklogLimits) {}

  get full(): boolean {
    return this.records >= this.limits.records || this.bytes >= this.limits.bytes;
  }

  get size(): number {
    return this.records;
  }

  add(slice: Slice): void {
    this.slices.push(slice);
    this.records += slice.records;
    this.bytes += slice.bytes;
  }

  /** Forgets what lies before the floor. */
  passed(floor: number): void {
    const kept = this.slices.findIndex(({ nextOffset }) => nextOffset > floor);
    const gone = this.slices.splice(0, kept === -1 ? this.slices.length : kept);
    for (const { records, bytes } of gone) {
      this.records -= records;
      this.bytes -= bytes;
    }
  }
}
