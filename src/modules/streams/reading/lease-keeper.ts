import { Inject, Injectable, Logger } from '@nestjs/common';

import { CLOCK, type Clock } from '../../../common/clock.js';
import { newUid } from '../../../common/ids.js';
import type { TopicDescription } from '../../../kafka/log/event-log.js';
import { InstanceStore } from '../persistence/instance.store.js';
import { LeaseStore } from '../persistence/lease.store.js';
import { LeaseProof } from './lease-proof.js';
import { ReaderGroup } from './reader-group.js';
import type { Reader } from './reader.js';
import { STREAM_LIMITS, type StreamLimits } from './stream-limits.js';
import { TopicWatch } from './topic-watch.js';

/** Partition numbers of a topic. */
export const partitionsOf = (topic: TopicDescription): readonly number[] =>
  topic.partitions.map(({ partition }) => partition);

/**
 * Keeps this process's readers in their groups. While there are readers it says every half second
 * that the process is alive, and looks whether others came, left or vanished. While the database
 * is gone readers keep what they have: nobody else can take it either.
 */
@Injectable()
export class LeaseKeeper {
  private readonly logger = new Logger('LeaseKeeper');
  private readonly instanceId = newUid();
  private readonly groups = new Map<string, ReaderGroup>();
  private timer: NodeJS.Timeout | undefined;
  private ticking: Promise<void> | undefined;
  private topicsSeenAt = 0;
  private growing: Promise<void> | undefined;
  /** Only who has seen the database all along may judge others by its clock. */
  private steady = false;

  constructor(
    private readonly instances: InstanceStore,
    private readonly leases: LeaseStore,
    private readonly topics: TopicWatch,
    private readonly proof: LeaseProof,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(STREAM_LIMITS) private readonly limits: StreamLimits,
  ) {}

  /**
   * Brings a reader into its subscription's group; it has its partitions when this returns, as far
   * as they are free.
   * @throws DatabaseUnavailable
   */
  async join(reader: Reader, topic: TopicDescription, adopt: boolean): Promise<void> {
    const group = this.groupOf(reader, topic);
    group.add(reader, adopt);
    this.schedule();
    const since = this.clock.monotonicMs();
    try {
      await group.settle();
      // Of leases that may be lost only a tick can tell.
      if (!this.proof.stale) this.proof.renew(since);
    } catch (error) {
      group.remove(reader);
      throw error;
    }
  }

  /** Gives a reader's partitions to the others; retried while the database is gone. */
  async leave(reader: Reader): Promise<void> {
    const group = this.groups.get(reader.subscription.uid);
    if (group === undefined || !group.has(reader)) return;
    group.remove(reader);
    await this.settle(group);
  }

  /** Frees everything that this process's readers hold. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.groups.clear();
    await Promise.all([this.ticking, this.growing]);
    try {
      await this.instances.leave(this.instanceId);
    } catch (error) {
      this.logger.warn(`Leases end by themselves, as the database is gone: ${String(error)}`);
    }
  }

  private groupOf(reader: Reader, topic: TopicDescription): ReaderGroup {
    const { uid, topic: name } = reader.subscription;
    const known = this.groups.get(uid);
    if (known !== undefined) return known;
    const group = new ReaderGroup(uid, name, this.instanceId, this.leases, partitionsOf(topic));
    this.groups.set(uid, group);
    return group;
  }

  private schedule(): void {
    if (this.groups.size === 0) this.rest();
    if (this.timer !== undefined || this.groups.size === 0) return;
    this.timer = setTimeout(() => {
      this.ticking = this.tick().finally(() => {
        this.timer = undefined;
        this.schedule();
      });
    }, this.limits.tickMs);
    this.timer.unref();
  }

  /** Without readers nothing is looked at any more. */
  private rest(): void {
    this.steady = false;
    this.proof.waive();
  }

  private async tick(): Promise<void> {
    const since = this.clock.monotonicMs();
    const wasStale = this.proof.stale;
    try {
      await this.beat();
      await this.askChanged();
      this.steady = true;
    } catch (error) {
      if (this.steady) this.logger.warn(`Readers keep their leases as they are: ${String(error)}`);
      this.rest();
    }
    if (this.steady) {
      await Promise.all([...this.groups.values()].map((group) => this.settle(group)));
      this.proof.renew(since);
    }
    if (wasStale) for (const group of this.groups.values()) group.wakeReaders();
    // Not waited for: while Kafka hangs, leases must be renewed all the same.
    this.growing ??= this.askWhereTopicsGrew().finally(() => (this.growing = undefined));
  }

  private async beat(): Promise<void> {
    const { reborn } = await this.instances.heartbeat(this.instanceId);
    if (reborn) for (const group of this.groups.values()) group.ask();
    if (this.steady) await this.instances.evictExpired();
  }

  private async askChanged(): Promise<void> {
    const generations = await this.leases.generations([...this.groups.keys()]);
    for (const [uid, generation] of generations) {
      const group = this.groups.get(uid);
      if (group !== undefined && group.generation !== generation) group.ask();
    }
  }

  private async askWhereTopicsGrew(): Promise<void> {
    const now = this.clock.monotonicMs();
    if (now - this.topicsSeenAt < this.limits.topicRefreshMs) return;
    this.topicsSeenAt = now;
    for (const group of this.groups.values()) {
      const topic = await this.describe(group.topic);
      if (topic !== undefined) group.setPartitions(partitionsOf(topic));
    }
  }

  /** Kafka being gone does not touch leases. */
  private async describe(name: string): Promise<TopicDescription | undefined> {
    try {
      return await this.topics.describe(name);
    } catch (error) {
      this.logger.warn(`Cannot ask for partitions of ${name}: ${String(error)}`);
      return undefined;
    }
  }

  private async settle(group: ReaderGroup): Promise<void> {
    try {
      await group.settle();
      if (!group.empty || group.dirty) return;
      // Another one may have begun for the same subscription meanwhile.
      if (this.groups.get(group.subscriptionUid) === group)
        this.groups.delete(group.subscriptionUid);
    } catch (error) {
      this.logger.warn(`Leases of ${group.subscriptionUid} are settled later: ${String(error)}`);
    }
  }
}
