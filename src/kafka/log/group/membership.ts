import type { TopicPartition } from '../event-log.js';
import type { Place } from './coordinator.js';

/**
 * What a member knows of itself: its place in the group, what it holds, and when it was last
 * heard. A membership that Kafka has not confirmed for the session time-out is over: by then, at
 * the latest, Kafka gives its partitions to others.
 */
export class Membership {
  /** Given by Kafka; kept after a loss, so that a join takes the place of the former one. */
  memberId = '';
  /** Changes as an object with each generation; undefined while not a member. */
  place: Place | undefined;
  /** Monotonic milliseconds at which the last request that was answered well was sent. */
  lastHeartbeatAt: number | undefined;
  /** Monotonic milliseconds at which the present generation was entered. */
  enteredAt = -Infinity;
  private held = new Map<string, TopicPartition>();
  private expiry: NodeJS.Timeout | undefined;

  constructor(
    private readonly sessionTimeoutMs: number,
    private readonly onExpired: () => void,
  ) {}

  /** What this member holds and has not handed back, by key. */
  get owned(): Map<string, TopicPartition> {
    return this.held;
  }

  /** A generation was entered by a join sent at `sentAt`, which may be long ago. */
  enter(place: Place, sentAt: number): void {
    this.memberId = place.memberId;
    this.place = place;
    this.enteredAt = performance.now();
    this.lastHeartbeatAt = Math.max(sentAt, this.lastHeartbeatAt ?? -Infinity);
  }

  /** A request sent at `sentAt` was answered: this is a member of the current generation. */
  heard(sentAt: number): void {
    this.lastHeartbeatAt = Math.max(sentAt, this.lastHeartbeatAt ?? -Infinity);
    clearTimeout(this.expiry);
    this.expire();
  }

  /** The membership is over; gives what was held. */
  end(): ReadonlyMap<string, TopicPartition> {
    const { held } = this;
    clearTimeout(this.expiry);
    this.place = undefined;
    this.lastHeartbeatAt = undefined;
    this.held = new Map();
    return held;
  }

  private expire(): void {
    if (this.lastHeartbeatAt === undefined) return;
    const left = this.lastHeartbeatAt + this.sessionTimeoutMs - performance.now();
    if (left <= 0) this.onExpired();
    else this.expiry = setTimeout(() => this.expire(), Math.ceil(left));
  }
}
