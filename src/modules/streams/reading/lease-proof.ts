import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../../../common/clock.js';
import { INSTANCE_TTL_SECONDS } from '../persistence/instance.store.js';

const TTL_MS = INSTANCE_TTL_SECONDS * 1000;

/**
 * When this process last proved that its readers hold their leases, by its monotonic clock. A
 * process that was frozen for longer than leases last must not hand out anything before it has
 * looked whether others have taken over. A database that is gone is no reason to stop: nobody can
 * take over through it.
 */
@Injectable()
export class LeaseProof {
  private provenAt: number | undefined;

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Whether the leases may be another process's by now, without this one having heard of it. */
  get stale(): boolean {
    return this.provenAt !== undefined && this.clock.monotonicMs() - this.provenAt >= TTL_MS;
  }

  /** The leases were seen in the database. @param since when that look began, monotonic ms */
  renew(since: number): void {
    this.provenAt = since;
  }

  /** There is nothing to prove, or nobody to prove it: no readers, or no database. */
  waive(): void {
    this.provenAt = undefined;
  }
}
