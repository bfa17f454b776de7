/** Long because it holds the process's part of the work together: subscriptions, partitions, group. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../common/clock.js';
import { groupBy } from '../../common/group-by.js';
import type { SubscriptionState } from '../../kafka/contracts/subscriptions.contracts.js';
import type {
  EventLog,
  PartitionGroup,
  PartitionGroupListener,
  TopicPartition,
} from '../../kafka/log/event-log.js';
import type { BacklogLimits } from '../core/backlog.js';
import {
  nameOf,
  type CheckpointStore,
  type PartitionName,
  type StoredException,
} from '../core/checkpoint.js';
import { defaultLaneLimits, type LaneLimits } from '../core/lane.js';
import { Checkpointer } from './checkpointer.js';
import { claimPartitions, type ClaimServices } from './claim-partitions.js';
import { PartitionOwner, type PartitionClaim } from './partition-owner.js';
import type {
  DeliveryListener,
  DeliveryLog,
  DeliveryTargets,
  SubscriptionSource,
} from './ports.js';
import { RecordLoader } from './record-loader.js';
import { Subscriber, type SubscriberServices } from './subscriber.js';
import { TopicSubscribers } from './topic-subscribers.js';

/** Bounds of one engine. */
export interface DeliveryLimits {
  readonly maxExceptions: number;
  readonly lane: LaneLimits;
  /** What is read of one partition beyond its stored floor. */
  readonly backlog: BacklogLimits;
  /** How long attempts under way are waited for when a partition is handed over. */
  readonly handOverMs: number;
}

export const defaultDeliveryLimits: DeliveryLimits = {
  maxExceptions: 10_000,
  lane: defaultLaneLimits,
  backlog: { records: 10_000, bytes: 16 * 1024 * 1024 },
  handOverMs: 5_000,
};

/** What an engine is made of. */
export interface DeliveryEngineOptions {
  readonly groupId: string;
  readonly eventLog: EventLog;
  readonly store: CheckpointStore;
  readonly subscriptions: SubscriptionSource;
  readonly targets: DeliveryTargets;
  readonly listener: DeliveryListener;
  readonly clock: Clock;
  readonly log: DeliveryLog;
  readonly limits?: DeliveryLimits;
}

const COMMIT_EVERY_MS = 5_000;
const LOOK_EVERY_MS = 1_000;
const CLAIM_AGAIN_MS = 500;
/** Vain rounds of claiming after which those that are left are named. */
const LOUD_AFTER = 4;
const RECOUNTED_AT_ONCE = 20;
const HAND_OVER_POLL_MS = 20;

/**
 * Delivers a topic's events to its subscriptions: at least once, in order by key where asked for,
 * each subscription at its own pace. Partitions are shared out among processes by a consumer group;
 * what is not settled is in the store. The way out says how an event is sent.
 */
export class DeliveryEngine implements PartitionGroupListener {
  private readonly limits: DeliveryLimits;
  private readonly subscribers = new Map<string, Subscriber>();
  private readonly topics = new Map<string, TopicSubscribers>();
  private readonly owners = new Map<string, PartitionOwner>();
  /** Partitions that are this process's, owned or about to be claimed. */
  private readonly assigned = new Set<string>();
  private readonly checkpointer: Checkpointer;
  private readonly services: SubscriberServices;
  private group: PartitionGroup | undefined;
  private timers: NodeJS.Timeout[] = [];
  private stopListening = (): void => undefined;
  private stopped = false;
  private looking = false;
  /** Where the turns of full subscriptions go on. */
  private recounted = 0;

  constructor(private readonly options: DeliveryEngineOptions) {
    const { store, eventLog, log } = options;
    this.limits = options.limits ?? defaultDeliveryLimits;
    this.checkpointer = new Checkpointer(
      store,
      { owners: () => this.owners.values(), onFenced: (owner) => this.onFenced(owner) },
      log,
    );
    this.services = {
      clock: options.clock,
      targets: options.targets,
      listener: options.listener,
      records: new RecordLoader(store, eventLog),
      log,
      maxExceptions: this.limits.maxExceptions,
    };
  }

  /** Attempts under way. */
  get inFlight(): number {
    let count = 0;
    for (const { busy } of this.subscribers.values()) count += busy;
    return count;
  }

  /** Partitions owned, and events read in them that the stored floors have not passed. */
  get owned(): { readonly partitions: number; readonly pending: number } {
    let pending = 0;
    for (const owner of this.owners.values()) pending += owner.pending;
    return { partitions: this.owners.size, pending };
  }

  /** What keeps it from working as it should; undefined: nothing. */
  get trouble(): string | undefined {
    if (!this.checkpointer.healthy) return 'What was delivered cannot be written down.';
    return this.group?.trouble?.message;
  }

  /** Begins; joining the group goes on in the background. */
  start(): void {
    const { subscriptions, eventLog, groupId } = this.options;
    this.stopListening = subscriptions.onChange((uid, state) => this.onChange(uid, state));
    for (const state of subscriptions.values()) this.onChange(state.uid, state);
    this.group = eventLog.joinGroup({ groupId, listener: this, topics: this.topicNames() });
    this.checkpointer.start();
    this.timers = [
      setInterval(() => void this.mirrorFloors(), COMMIT_EVERY_MS),
      setInterval(() => void this.look(), LOOK_EVERY_MS),
    ];
    for (const timer of this.timers) timer.unref();
  }

  /** Hands everything back: attempts under way are waited for, floors written, the group left. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    this.stopListening();
    for (const timer of this.timers) clearInterval(timer);
    await this.group?.leave();
    this.checkpointer.stop();
    for (const subscriber of this.subscribers.values()) subscriber.end();
  }

  /** Somebody asked for exceptions to be sent again: does not wait for the next look. */
  wake(): void {
    void this.look();
  }

  onAssigned(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.assigned.add(nameOf(partition));
    void this.claim(partitions);
  }

  async onRevoked(partitions: readonly TopicPartition[]): Promise<void> {
    const owners = partitions.flatMap((each) => this.owners.get(nameOf(each)) ?? []);
    for (const partition of partitions) this.assigned.delete(nameOf(partition));
    for (const owner of owners) owner.stopTaking();
    const deadline = this.options.clock.monotonicMs() + this.limits.handOverMs;
    while (owners.some(({ inFlight }) => inFlight > 0)) {
      if (this.options.clock.monotonicMs() > deadline) break;
      await pause(HAND_OVER_POLL_MS);
    }
    for (const owner of owners) owner.partLanes();
    // Rows first; then the floor that relies on them.
    if (await this.checkpointer.flush()) await this.checkpointer.flush();
    await this.mirrorFloors();
    for (const owner of owners) this.disown(owner);
  }

  onLost(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.assigned.delete(nameOf(partition));
      const owner = this.owners.get(nameOf(partition));
      if (owner !== undefined) this.disown(owner);
    }
  }

  private topicNames(): readonly string[] {
    return [...this.topics].flatMap(([name, { size }]) => (size > 0 ? [name] : [])).sort();
  }

  private onChange(uid: string, state: SubscriptionState | undefined): void {
    const known = this.subscribers.get(uid);
    if (state === undefined || state.status === 'broken') this.forget(known);
    else if (known === undefined) this.welcome(state);
    else {
      known.update(state);
      this.topics.get(state.topic)?.put(known);
    }
    this.group?.subscribe(this.topicNames());
  }

  private welcome(state: SubscriptionState): void {
    const subscriber = new Subscriber(state, this.services);
    this.subscribers.set(state.uid, subscriber);
    this.topicOf(state.topic).put(subscriber);
    for (const owner of this.ownersOf(state.topic)) owner.add(subscriber);
  }

  private forget(subscriber: Subscriber | undefined): void {
    if (subscriber === undefined) return;
    const { uid, topic } = subscriber.state;
    this.subscribers.delete(uid);
    this.topics.get(topic)?.delete(subscriber);
    for (const owner of this.ownersOf(topic)) owner.remove(uid);
    subscriber.end();
  }

  private ownersOf(topic: string): readonly PartitionOwner[] {
    return [...this.owners.values()].filter(({ name }) => name.topic === topic);
  }

  /** Claims partitions, again and again, for as long as they are this process's. */
  private async claim(partitions: readonly TopicPartition[]): Promise<void> {
    const { eventLog, store, log } = this.options;
    const services: ClaimServices = {
      eventLog,
      store,
      commit: (offsets) => this.prove(offsets),
      knows: (uid) => this.subscribers.has(uid),
    };
    let left = partitions;
    for (let failures = 0; ; failures += 1) {
      left = left.filter(
        (each) => this.assigned.has(nameOf(each)) && !this.owners.has(nameOf(each)),
      );
      if (left.length === 0 || this.stopped) return;
      try {
        await claimPartitions(services, left, (claim) => this.own(claim));
      } catch (error) {
        if (this.stopped) return;
        if (failures === 0) log.warn(`Partitions cannot be taken over yet: ${String(error)}`);
      }
      if (failures === LOUD_AFTER) this.warnOfUnowned(left);
      await pause(failures === 0 ? 0 : CLAIM_AGAIN_MS);
    }
  }

  private warnOfUnowned(partitions: readonly TopicPartition[]): void {
    const left = partitions.map(nameOf).filter((name) => !this.owners.has(name));
    if (left.length > 0) this.options.log.warn(`Not taken over so far: ${left.join(', ')}`);
  }

  private async prove(offsets: Parameters<PartitionGroup['commit']>[0]): Promise<void> {
    if (this.group === undefined) throw new Error('The group is not joined.');
    await this.group.commit(offsets);
  }

  private own(claim: PartitionClaim): void {
    const name = nameOf(claim.name);
    if (!this.assigned.has(name) || this.owners.has(name)) return;
    const { eventLog, clock, log } = this.options;
    const owner = new PartitionOwner(claim, {
      eventLog,
      clock,
      log,
      laneLimits: this.limits.lane,
      backlogLimits: this.limits.backlog,
      mayDeliver: () => this.isMember(),
      subscribers: this.topicOf(claim.name.topic),
      onLogLost: (lost) => this.claimAgain(lost),
    });
    this.owners.set(name, owner);
    owner.start();
  }

  private topicOf(name: string): TopicSubscribers {
    let topic = this.topics.get(name);
    if (topic === undefined) this.topics.set(name, (topic = new TopicSubscribers()));
    return topic;
  }

  /** Whether the last answered heartbeat is young enough to be sure of the partitions. */
  private isMember(): boolean {
    const { group } = this;
    if (group?.lastHeartbeatAt === undefined) return false;
    const age = this.options.clock.monotonicMs() - group.lastHeartbeatAt;
    return age < group.sessionTimeoutMs / 2;
  }

  private disown(owner: PartitionOwner): void {
    owner.drop();
    if (this.owners.get(nameOf(owner.name)) === owner) this.owners.delete(nameOf(owner.name));
  }

  private onFenced(owner: PartitionOwner): void {
    const { topic, partition } = owner.name;
    this.options.log.warn(`${topic}/${partition} was taken over by another process`);
    this.claimAgain(owner);
  }

  /** Lets go of it and, if it is still this process's by then, takes it over as it is now. */
  private claimAgain(owner: PartitionOwner): void {
    this.disown(owner);
    void pause(CLAIM_AGAIN_MS).then(() => this.claim([owner.name]));
  }

  /** The stored floors, for tools that show lag; nothing reads them back. */
  private async mirrorFloors(): Promise<void> {
    const offsets = [...this.owners.values()].map(({ name, floor }) => ({
      ...name,
      offset: floor,
    }));
    if (offsets.length === 0) return;
    await this.group?.commit(offsets).catch((error: unknown) => {
      this.options.log.log(`Floors cannot be shown in Kafka at the moment: ${String(error)}`);
    });
  }

  /** Looks for what was asked for over REST: redrives, and room that deleted rows made. */
  private async look(): Promise<void> {
    if (this.owners.size === 0 || this.looking) return;
    this.looking = true;
    try {
      await this.checkpointer.between(() => this.takeRedriven());
    } catch (error) {
      if (this.checkpointer.healthy) {
        this.options.log.warn(`Redrives cannot be looked for: ${String(error)}`);
      }
    } finally {
      this.looking = false;
    }
  }

  private async takeRedriven(): Promise<void> {
    const names = [...this.owners.values()].map(({ name }) => name);
    const redriven = await this.options.store.takeRedriven(names);
    for (const [name, found] of groupBy(redriven, nameOf)) this.owners.get(name)?.redrive(found);
    await this.recount(this.miscounted(redriven), names);
  }

  /** Subscriptions whose rows others made or removed, or may have: those that are full take turns. */
  private miscounted(redriven: readonly StoredException[]): readonly string[] {
    const full = [...this.subscribers.values()].flatMap(({ budget, state }) =>
      budget.exhausted ? [state.uid] : [],
    );
    const begin = full.length > RECOUNTED_AT_ONCE ? this.recounted % full.length : 0;
    const turn = [...full, ...full].slice(begin, begin + Math.min(full.length, RECOUNTED_AT_ONCE));
    this.recounted = begin + turn.length;
    return [...new Set([...turn, ...redriven.map(({ subscriptionUid }) => subscriptionUid)])];
  }

  private async recount(uids: readonly string[], names: readonly PartitionName[]): Promise<void> {
    if (uids.length === 0) return;
    const counts = await this.options.store.counts(uids, names);
    for (const [row, uid] of uids.entries()) {
      for (const [column, name] of names.entries()) {
        this.owners.get(nameOf(name))?.recount(uid, counts[row]?.[column] ?? 0);
      }
    }
  }
}
