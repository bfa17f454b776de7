import type { TopicPartition } from '../event-log.js';
import type { ListenerCalls } from './listener-calls.js';
import type { Membership } from './membership.js';
import { keyOf, partitionSet, without, type PartitionSet } from './partition-set.js';

/** Turns what a generation assigns into what the listener is told. */
export class HandOver {
  /** Held, and the listener was told to hand them back. */
  private revoking: PartitionSet = partitionSet();

  constructor(
    private readonly membership: Membership,
    private readonly calls: ListenerCalls,
  ) {}

  /** Takes what is new, then hands back what is missing; true when something was handed back. */
  async take(assigned: PartitionSet): Promise<boolean> {
    const { owned } = this.membership;
    const missing = without(owned, assigned);
    const gained = without(assigned, owned);
    for (const partition of gained) owned.set(keyOf(partition), partition);
    if (gained.length > 0) await this.calls.assigned(gained);
    // Everything may have been lost while the listener was told.
    if (missing.length === 0 || this.membership.owned !== owned) return false;
    await this.handBack(missing);
    return true;
  }

  /** Hands back everything. */
  async giveUp(): Promise<void> {
    const { owned } = this.membership;
    if (owned.size > 0) await this.handBack([...owned.values()]);
  }

  /** Ends the membership; the listener hears of what was not being handed back already. */
  lose(): void {
    const lost = without(this.membership.end(), this.revoking);
    if (lost.length > 0) void this.calls.lost(lost);
  }

  private async handBack(partitions: readonly TopicPartition[]): Promise<void> {
    const { owned } = this.membership;
    this.revoking = partitionSet(partitions);
    await this.calls.revoked(partitions);
    for (const key of this.revoking.keys()) owned.delete(key);
    this.revoking = partitionSet();
  }
}
