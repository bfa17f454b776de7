import { pauseBeforeAttempt } from '../cluster/retrying.js';
import { LogError } from '../log.errors.js';
import type { GroupCoordinator } from './coordinator.js';
import type { Membership } from './membership.js';
import type { Standing } from './standing.js';
import { pause } from './waiting.js';

/** A second round often follows the first one: it is looked for more often at the beginning. */
const BRISK_FOR_MS = 5_000;
const BRISK_INTERVAL_MS = 300;

/** Keeps a membership alive, and tells how it stands. */
export class Heartbeats {
  private running = false;

  constructor(
    private readonly membership: Membership,
    private readonly coordinator: Pick<GroupCoordinator, 'heartbeat'>,
    private readonly intervalMs: number,
    private readonly told: (standing: Standing) => void,
    private readonly ended: AbortSignal,
  ) {}

  /** Begins at once, and goes on for as long as there is a membership. */
  start(): void {
    if (this.running) return;
    this.running = true;
    void this.run();
  }

  private async run(): Promise<void> {
    for (let failures = 0; this.membership.place !== undefined && !this.ended.aborted;) {
      failures = (await this.beat()) ? 0 : failures + 1;
      await pause(failures === 0 ? this.interval() : pauseBeforeAttempt(failures - 1), this.ended);
    }
    this.running = false;
  }

  private interval(): number {
    const young = performance.now() - this.membership.enteredAt < BRISK_FOR_MS;
    return young ? Math.min(BRISK_INTERVAL_MS, this.intervalMs) : this.intervalMs;
  }

  /** Whether it was answered. When none is for too long, the membership expires by its own clock. */
  private async beat(): Promise<boolean> {
    const { place } = this.membership;
    if (place === undefined) return true;
    const sentAt = performance.now();
    try {
      const standing = await this.coordinator.heartbeat(place, this.intervalMs);
      // The answer for a generation that was left meanwhile says nothing about this one.
      if (this.membership.place !== place) return true;
      if (standing === 'member' || standing === 'rejoin') this.membership.heard(sentAt);
      this.told(standing);
      return true;
    } catch (error) {
      if (error instanceof LogError) return false;
      throw error;
    }
  }
}
