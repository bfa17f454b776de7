import type { JoinGroupOptions } from '../event-log.js';

/** Times of a membership, in milliseconds. */
export interface GroupTimes {
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** Time between two heartbeats, and the longest that the answer to one may take. */
  readonly heartbeatEveryMs: number;
  /** How often the leader looks for new topics and partitions. */
  readonly lookEveryMs: number;
}

const DEFAULT_SESSION_TIMEOUT_MS = 10_000;
const DEFAULT_REBALANCE_TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 5_000;
/** As Kafka advises: two may be lost before the session is. */
const HEARTBEATS_PER_SESSION = 3;

/** What was asked for, else the defaults. */
export const groupTimes = (options: JoinGroupOptions): GroupTimes => {
  const { sessionTimeoutMs = DEFAULT_SESSION_TIMEOUT_MS } = options;
  return {
    sessionTimeoutMs,
    rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? DEFAULT_REBALANCE_TIMEOUT_MS,
    heartbeatEveryMs: sessionTimeoutMs / HEARTBEATS_PER_SESSION,
    lookEveryMs: LOOK_EVERY_MS,
  };
};
