import type { Cluster } from '../cluster/cluster.js';
import { pauseBeforeAttempt, retrying } from '../cluster/retrying.js';
import type {
  JoinGroupOptions,
  OffsetToCommit,
  PartitionGroup,
  TopicPartition,
} from '../event-log.js';
import { LogError, LogMembershipLost, LogUnavailable } from '../log.errors.js';
import type { GroupCoordinator, MemberMetadata, Place } from './coordinator.js';
import { GroupLeader } from './group-leader.js';
import type { GroupTimes } from './group-times.js';
import { HandOver } from './hand-over.js';
import { Heartbeats } from './heartbeats.js';
import { ListenerCalls } from './listener-calls.js';
import { decodeAssignment, encodeSubscription } from './member-metadata.js';
import { Membership } from './membership.js';
import { keyOf, partitionSet } from './partition-set.js';
import type { Standing } from './standing.js';
import { pause, Signal, unlessAborted } from './waiting.js';

/** The requests of a member. */
export type GroupRequests = Pick<
  GroupCoordinator,
  'join' | 'sync' | 'heartbeat' | 'commit' | 'leave' | 'hangUp'
>;

/** A hand-over ends before Kafka gives up on the member that hands over. */
const HAND_OVER_SHARE = 0.9;
const COMMIT_WITHIN_MS = 8_000;

const distinct = (topics: readonly string[]): readonly string[] => [...new Set(topics)].sort();

/**
 * The life of one membership: a loop of rounds. In a round it joins with what it holds, learns
 * what it shall hold, takes what is new, and hands back what is missing; where it handed back, the
 * next round follows at once. Between rounds it waits for a reason to join again.
 */
export class GroupMember implements PartitionGroup {
  readonly sessionTimeoutMs: number;
  trouble?: LogError;
  private topics: readonly string[];
  private readonly membership: Membership;
  private readonly heartbeats: Heartbeats;
  private readonly handOver: HandOver;
  private readonly leader: GroupLeader;
  private readonly rejoin = new Signal();
  private readonly leaving = new AbortController();
  private readonly ended = new AbortController();
  /** Resolves when it has left for good. */
  readonly done: Promise<void>;
  /** In a round until it succeeds: then only its own answers say how this member stands. */
  private entering = false;

  constructor(
    { groupId, listener, topics = [] }: JoinGroupOptions,
    times: GroupTimes,
    private readonly requests: GroupRequests,
    cluster: Pick<Cluster, 'topics'>,
  ) {
    const { sessionTimeoutMs, rebalanceTimeoutMs, heartbeatEveryMs, lookEveryMs } = times;
    this.sessionTimeoutMs = sessionTimeoutMs;
    this.topics = distinct(topics);
    this.leader = new GroupLeader(cluster, () => this.rejoin.raise(), lookEveryMs);
    this.membership = new Membership(sessionTimeoutMs, () =>
      this.lose(new LogUnavailable(`Kafka was silent for the session time-out of ${groupId}.`)),
    );
    const calls = new ListenerCalls(listener, rebalanceTimeoutMs * HAND_OVER_SHARE);
    this.handOver = new HandOver(this.membership, calls);
    this.heartbeats = new Heartbeats(
      this.membership,
      requests,
      heartbeatEveryMs,
      (standing) => this.told(standing),
      this.ended.signal,
    );
    this.done = this.run();
  }

  get lastHeartbeatAt(): number | undefined {
    return this.membership.lastHeartbeatAt;
  }

  subscribe(topics: readonly string[]): void {
    const next = distinct(topics);
    if (next.length === this.topics.length && next.every((name, i) => name === this.topics[i])) {
      return;
    }
    this.topics = next;
    this.rejoin.raise();
  }

  async commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    if (offsets.length > 0) await retrying(() => this.commitOnce(offsets), COMMIT_WITHIN_MS);
  }

  async leave(): Promise<void> {
    if (!this.leaving.signal.aborted) this.leaving.abort(new LogUnavailable('The member leaves.'));
    this.rejoin.raise();
    await this.done;
  }

  private async run(): Promise<void> {
    const { signal } = this.leaving;
    for (let failures = 0; !signal.aborted;) {
      try {
        this.rejoin.lower();
        await (this.topics.length === 0 ? this.withdraw() : this.round());
        failures = 0;
        await this.rejoin.wait();
      } catch (error) {
        if (!(error instanceof LogError)) throw error;
        if (signal.aborted) break;
        this.trouble = error;
        await pause(pauseBeforeAttempt(failures), signal);
        failures += 1;
      }
    }
    this.entering = false;
    await this.withdraw();
    this.ended.abort();
    this.requests.hangUp();
  }

  private async round(): Promise<void> {
    this.entering = true;
    this.leader.stopWatch();
    const assigned = await this.enter();
    this.entering = false;
    this.trouble = undefined;
    if (await this.handOver.take(partitionSet(assigned))) this.rejoin.raise();
  }

  /** Joins and syncs until a generation holds; gives what is assigned in it. */
  private async enter(): Promise<readonly TopicPartition[]> {
    for (;;) {
      this.leaving.signal.throwIfAborted();
      const { memberId: formerId, owned } = this.membership;
      const metadata = encodeSubscription({ topics: this.topics, owned: [...owned.values()] });
      const sentAt = performance.now();
      const joined = await this.unlessLeaving(this.requests.join(formerId, metadata));
      const { standing, memberId, generation, members } = joined;
      this.membership.memberId = memberId;
      if (!this.stays(standing)) continue;
      const place = { memberId, generation };
      this.membership.enter(place, sentAt);
      this.heartbeats.start();
      const assigned = await this.sync(place, members);
      if (assigned !== undefined) return assigned;
    }
  }

  /** Undefined when the generation is over already. */
  private async sync(
    place: Place,
    members: readonly MemberMetadata[] | undefined,
  ): Promise<readonly TopicPartition[] | undefined> {
    const assignments =
      members === undefined ? [] : await this.unlessLeaving(this.leader.assign(members));
    // The membership may have run out while Kafka was asked, here and below.
    if (this.membership.place !== place) return undefined;
    const sentAt = performance.now();
    const { standing, assignment } = await this.unlessLeaving(
      this.requests.sync(place, assignments),
    );
    if (this.membership.place !== place || !this.stays(standing)) return undefined;
    this.membership.heard(sentAt);
    if (members !== undefined) this.leader.startWatch();
    return decodeAssignment(assignment);
  }

  /**
   * Whether an answer finds this member in; otherwise it is to join again.
   * @throws LogMembershipLost when it was put out
   */
  private stays(standing: Standing): boolean {
    if (standing === 'outdated' || standing === 'unknown') throw this.putOut(standing);
    return standing === 'member';
  }

  /** Hands everything back and leaves the group; does nothing when there is no membership. */
  private async withdraw(): Promise<void> {
    this.leader.stopWatch();
    await this.handOver.giveUp();
    const { memberId } = this.membership;
    this.membership.end();
    this.membership.memberId = '';
    if (memberId === '') return;
    try {
      await this.requests.leave(memberId);
    } catch (error) {
      // Nothing is held any more; Kafka learns of it when the session times out.
      if (!(error instanceof LogError)) throw error;
    }
  }

  /** A heartbeat's answer. */
  private told(standing: Standing): void {
    if (this.entering || standing === 'member') return;
    if (standing === 'rejoin') this.rejoin.raise();
    else this.putOut(standing);
  }

  private putOut(standing: Standing): LogMembershipLost {
    const reason = new LogMembershipLost(
      'Kafka does not count this process to the group any more.',
    );
    if (standing === 'unknown') this.membership.memberId = '';
    this.lose(reason);
    return reason;
  }

  private lose(reason: LogError): void {
    this.trouble = reason;
    this.leader.stopWatch();
    this.requests.hangUp();
    this.handOver.lose();
    this.rejoin.raise();
  }

  private async commitOnce(offsets: readonly OffsetToCommit[]): Promise<void> {
    const { place, owned } = this.membership;
    if (place === undefined || offsets.some((one) => !owned.has(keyOf(one)))) {
      throw new LogMembershipLost('This process does not hold the partition in the group.');
    }
    const standing = await this.requests.commit(place, offsets);
    if (standing === 'member') return;
    if (standing === 'rejoin' || this.entering || this.membership.place !== place) {
      throw new LogUnavailable('The group is about to begin another generation.');
    }
    throw this.putOut(standing);
  }

  private async unlessLeaving<T>(work: Promise<T>): Promise<T> {
    return unlessAborted(work, this.leaving.signal);
  }
}
