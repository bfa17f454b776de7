import {
  heartbeatV4,
  joinGroupV6,
  leaveGroupV4,
  offsetCommitV8,
  syncGroupV4,
} from '@platformatic/kafka';

import { refusalOf } from '../admin/refusal.js';
import type { Cluster } from '../cluster/cluster.js';
import type { OffsetToCommit } from '../event-log.js';
import type { BrokerConnection, DriverCall } from '../network/broker-connection.js';
import { kafkaErrors } from '../protocol/error-codes.js';
import { CoordinatorFinder } from './coordinator-finder.js';
import type { GroupTimes } from './group-times.js';
import { ASSIGNOR, CONSUMER_PROTOCOL } from './member-metadata.js';
import { byTopic } from './partition-set.js';
import { groupRefusal, standingOf, type Standing } from './standing.js';

/** A member's place in its group. */
export interface Place {
  readonly memberId: string;
  readonly generation: number;
}

/** A member's metadata, as the leader gets it. */
export interface MemberMetadata {
  readonly memberId: string;
  readonly metadata: Buffer | null;
}

/** Kafka's answer to a join. */
export interface Joined extends Place {
  readonly standing: Standing;
  /** Every member's metadata for the one that is to share out; undefined for the others. */
  readonly members?: readonly MemberMetadata[];
}

/** What the leader of a generation brings: an encoded assignment per member. */
export interface MemberAssignment {
  readonly memberId: string;
  readonly assignment: Buffer;
}

const UNKNOWN_EPOCH = -1;
/** Nobody is a static member: a process that comes back is a new one. */
const NO_INSTANCE = null;
const COMMIT_TIMEOUT_MS = 5_000;
const LEAVE_TIMEOUT_MS = 2_000;

/**
 * One group's coordinator among the brokers, and the requests to it. Joins and syncs wait for the
 * other members, so they have a connection of this group's own; what must not wait goes elsewhere.
 */
export class GroupCoordinator {
  private readonly finder: CoordinatorFinder;
  private entrance: { readonly broker: number; readonly connection: BrokerConnection } | undefined;

  constructor(
    private readonly cluster: Cluster,
    private readonly groupId: string,
    private readonly times: GroupTimes,
  ) {
    this.finder = new CoordinatorFinder(cluster, groupId);
  }

  /**
   * Enters the group or its next generation. Waits for the others, but answers within the session
   * time-out; asking again with the same member id goes on waiting.
   * @throws LogRequestInvalid when Kafka refuses this member in this group
   * @throws LogUnavailable
   */
  async join(memberId: string, metadata: Buffer): Promise<Joined> {
    const { sessionTimeoutMs, rebalanceTimeoutMs } = this.times;
    const answer = await this.enter<joinGroupV6.JoinGroupResponse>((connection, done) => {
      joinGroupV6.api(
        connection,
        this.groupId,
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        memberId,
        NO_INSTANCE,
        CONSUMER_PROTOCOL,
        [{ name: ASSIGNOR, metadata }],
        null,
        done,
      );
    });
    const standing = this.judge(answer.errorCode);
    const given = answer.memberId ?? memberId;
    const leads = standing === 'member' && answer.leader === given;
    return {
      standing,
      memberId: given,
      generation: answer.generationId,
      members: leads ? answer.members : undefined,
    };
  }

  /**
   * Fetches this member's assignment; the leader brings everybody's.
   * @throws LogUnavailable
   */
  async sync(
    place: Place,
    assignments: readonly MemberAssignment[],
  ): Promise<{ readonly standing: Standing; readonly assignment: Buffer }> {
    const { groupId } = this;
    const { memberId, generation } = place;
    const answer = await this.enter<syncGroupV4.SyncGroupResponse>((connection, done) => {
      const all = [...assignments];
      syncGroupV4.api(
        connection,
        groupId,
        generation,
        memberId,
        NO_INSTANCE,
        null,
        null,
        all,
        done,
      );
    });
    return { standing: this.judge(answer.errorCode), assignment: answer.assignment };
  }

  /** A sign of life. @throws LogUnavailable */
  async heartbeat({ memberId, generation }: Place, timeoutMs: number): Promise<Standing> {
    const answer = await this.ask<heartbeatV4.HeartbeatResponse>(
      (broker) => this.cluster.connection(broker, 'group'),
      (connection, done) => {
        heartbeatV4.api(connection, this.groupId, generation, memberId, NO_INSTANCE, done);
      },
      timeoutMs,
    );
    return this.judge(answer.errorCode);
  }

  /**
   * Stores offsets under a generation, all of them unless the standing is another than `member`.
   * @throws LogTopicGone when one of the topics is not there; the others' offsets are stored
   * @throws LogUnavailable
   */
  async commit(
    { memberId, generation }: Place,
    offsets: readonly OffsetToCommit[],
  ): Promise<Standing> {
    const topics = [...byTopic(offsets)].map(([name, items]) => ({
      name,
      partitions: items.map(({ partition, offset, leaderEpoch }) => ({
        partitionIndex: partition,
        committedOffset: BigInt(offset),
        committedLeaderEpoch: leaderEpoch ?? UNKNOWN_EPOCH,
        committedMetadata: null,
      })),
    }));
    const answer = await this.ask<offsetCommitV8.OffsetCommitResponse>(
      (broker) => this.cluster.connection(broker, 'commit'),
      (connection, done) => {
        offsetCommitV8.api(
          connection,
          this.groupId,
          generation,
          memberId,
          NO_INSTANCE,
          topics,
          done,
        );
      },
      COMMIT_TIMEOUT_MS,
    );
    return this.judgeCommit(answer);
  }

  /** One try to have the others go on at once. @throws LogUnavailable */
  async leave(memberId: string): Promise<void> {
    const members = [{ memberId, groupInstanceId: NO_INSTANCE }];
    const answer = await this.ask<leaveGroupV4.LeaveGroupResponse>(
      (broker) => this.cluster.connection(broker, 'group'),
      (connection, done) => leaveGroupV4.api(connection, this.groupId, members, done),
      LEAVE_TIMEOUT_MS,
    );
    this.judge(answer.errorCode);
  }

  /** Breaks off a join or sync under way; the next one goes over a new connection. */
  hangUp(): void {
    this.entrance?.connection.close();
    this.entrance = undefined;
  }

  private async enter<Answer>(request: DriverCall<Answer>): Promise<Answer> {
    const connectionOf = (broker: number): BrokerConnection => this.enterAt(broker);
    return this.ask(connectionOf, request, this.times.sessionTimeoutMs);
  }

  private enterAt(broker: number): BrokerConnection {
    if (this.entrance?.broker !== broker) {
      this.hangUp();
      this.entrance = { broker, connection: this.cluster.open(broker) };
    }
    return this.entrance.connection;
  }

  private async ask<Answer>(
    connectionOf: (broker: number) => BrokerConnection,
    request: DriverCall<Answer>,
    timeoutMs: number,
  ): Promise<Answer> {
    try {
      return await connectionOf(await this.finder.locate()).call(request, timeoutMs);
    } catch (error) {
      this.finder.forget();
      throw error;
    }
  }

  private judgeCommit({ topics }: offsetCommitV8.OffsetCommitResponse): Standing {
    const failed = topics
      .flatMap(({ name, partitions }) => partitions.map(({ errorCode }) => ({ name, errorCode })))
      .filter(({ errorCode }) => errorCode !== kafkaErrors.NONE);
    for (const { errorCode } of failed) {
      const standing = standingOf(errorCode);
      if (standing !== undefined) return standing;
    }
    const [first] = failed;
    if (first === undefined) return 'member';
    this.finder.forget();
    throw refusalOf(first.name, first.errorCode) ?? groupRefusal(this.groupId, first.errorCode);
  }

  private judge(code: number): Standing {
    const standing = standingOf(code);
    if (standing !== undefined) return standing;
    this.finder.forget();
    throw groupRefusal(this.groupId, code);
  }
}
