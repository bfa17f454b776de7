import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';

import { newUid } from '../../../common/ids.js';
import { keysState, type KeyState } from '../../../kafka/contracts/access.contracts.js';
import type { SubscriptionState } from '../../../kafka/contracts/subscriptions.contracts.js';
import { EVENT_LOG, type EventLog, type TopicDescription } from '../../../kafka/log/event-log.js';
import { InjectStateTable } from '../../../kafka/transport/state/inject-state-table.decorator.js';
import type { StateTable } from '../../../kafka/transport/state/state-table.js';
import { StreamsDraining, TooManyReaders } from '../domain/streams.errors.js';
import { GapStore } from '../persistence/gap.store.js';
import { LeaseKeeper } from './lease-keeper.js';
import { LeaseProof } from './lease-proof.js';
import { Reader } from './reader.js';
import type { StartingPoint } from './starting-point.js';
import { StreamDirectory } from './stream-directory.js';
import { STREAM_LIMITS, type StreamLimits } from './stream-limits.js';
import { TopicWatch } from './topic-watch.js';

/** How a reader is opened. */
export interface OpenOptions {
  readonly subscription: SubscriptionState;
  readonly topic: TopicDescription;
  readonly keyUid: string;
  readonly startingPoint: StartingPoint | undefined;
  /** Id of a reader whose client comes back: it goes on with that reader's leases. */
  readonly resumeId: string | undefined;
}

/** All readers of the process: bounded, told of changes, ended when their key or stream ends. */
@Injectable()
export class Readers implements OnModuleDestroy {
  private readonly open = new Set<Reader>();
  private readonly forgetChanges: readonly (() => void)[];
  private draining = false;

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(STREAM_LIMITS) private readonly limits: StreamLimits,
    @InjectStateTable(keysState) keys: StateTable<KeyState>,
    private readonly directory: StreamDirectory,
    private readonly keeper: LeaseKeeper,
    private readonly topics: TopicWatch,
    private readonly gaps: GapStore,
    private readonly leases: LeaseProof,
  ) {
    this.forgetChanges = [
      directory.onChange((uid, state) => this.onSubscription(uid, state)),
      keys.onChange((uid, key) => this.onKey(uid, key)),
    ];
  }

  get count(): number {
    return this.open.size;
  }

  /** @throws TooManyReaders, StreamsDraining, DatabaseUnavailable */
  async start(options: OpenOptions): Promise<Reader> {
    if (this.draining) throw new StreamsDraining();
    if (this.open.size >= this.limits.maxReaders) throw new TooManyReaders(this.limits.maxReaders);
    const { subscription, topic, keyUid, startingPoint, resumeId } = options;
    const { log, limits, topics, gaps, leases } = this;
    const identity = { id: resumeId ?? newUid(), keyUid, startingPoint };
    const reader = new Reader(
      { log, limits, topics, gaps, leases },
      subscription,
      identity,
      topic.id,
    );
    this.open.add(reader);
    try {
      await this.keeper.join(reader, topic, resumeId !== undefined);
    } catch (error) {
      await this.stop(reader);
      throw error;
    }
    if (resumeId === undefined) await this.makeRoomFor(reader);
    this.catchUp(reader);
    return reader;
  }

  /** Ends a reader; its partitions go to the others at once. */
  async stop(reader: Reader): Promise<void> {
    reader.end('closed');
    this.open.delete(reader);
    await this.keeper.leave(reader);
  }

  async onModuleDestroy(): Promise<void> {
    this.draining = true;
    for (const forget of this.forgetChanges) forget();
    for (const reader of this.open) reader.end('shutdown');
    await this.keeper.stop();
  }

  /**
   * A new reader that got no partition takes over from long-poll clients that are not polling now,
   * the longest idle first. One that comes back with its cursor does not: two of them would take
   * one partition from each other for ever.
   */
  private async makeRoomFor(reader: Reader): Promise<void> {
    const idle = [...this.open]
      .filter(({ subscription: { uid } }) => uid === reader.subscription.uid)
      .filter(({ idleSince }) => idleSince !== undefined)
      .sort((one, other) => one.idleSince! - other.idleSince!);
    for (const former of idle) {
      if (!reader.holdsNothing) return;
      former.end('superseded');
      await this.stop(former);
    }
  }

  /** The definition may have changed while the reader was opened. */
  private catchUp(reader: Reader): void {
    const now = this.directory.get(reader.subscription.uid);
    if (now === undefined) reader.end('deleted');
    else if (now !== reader.subscription) reader.update(now);
    if (this.draining) reader.end('shutdown');
  }

  private onSubscription(uid: string, state: SubscriptionState | undefined): void {
    for (const reader of this.open) {
      if (reader.subscription.uid !== uid) continue;
      if (state === undefined) reader.end('deleted');
      else reader.update(state);
    }
  }

  private onKey(uid: string, key: KeyState | undefined): void {
    if (key !== undefined) return;
    for (const reader of this.open) if (reader.keyUid === uid) reader.end('revoked');
  }
}
